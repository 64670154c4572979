// One backup at a time in a folder: the nodes of a shop may share it, and a command may come while a server
// takes its own. Only for this folder's own .cpp files.
#pragma once

#include "backup/backup.hpp"

#include <stdexcept>

namespace backup {

struct Busy : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Ends with its object, or with its process however that ends.
class Turn {
public:
    // Makes the folder if there is none. Throws Busy if somebody else has the turn.
    explicit Turn(const std::filesystem::path& into);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    const std::filesystem::path& folder() const { return into_; }

private:
    const std::filesystem::path into_;
    int file_ = -1;
};

// What the take() of backup.hpp does, for who has the turn.
std::filesystem::path take(const Turn& turn, const Place& shop, core::Time now);

}  // namespace backup
