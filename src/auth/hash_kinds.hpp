// How long a wrong password takes to refuse (SE-5). That depends on the algorithm and cost of the account's
// hash: bcrypt of another shop, Argon2id at the cost of an earlier setting. So that time tells nobody which
// accounts exist and where they come from, refusals are answered on the beat: after a whole multiple of a
// time that the slowest kind of hash in the shop fits in. Which kinds there are, and how long each takes
// about, stands in the database.
#pragma once

#include "store/tx.hpp"

#include <chrono>
#include <map>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace auth {

// "$2b$12" or "$argon2id$v=19$m=19456,t=2,p=1": what a hash says in front of its salt. Empty if it is
// neither.
std::string kind_of(std::string_view hash);

class HashKinds {
public:
    // A verification by a hash of this kind took so long.
    void note(const std::string& kind, std::chrono::nanoseconds took);
    bool knows(std::string_view kind) const;
    // How long a refusal that took so long waits for the beat. Zero before the first note().
    std::chrono::nanoseconds wait_after(std::chrono::nanoseconds took) const;

    // Tells the database of kinds met here, and learns from it of those that others have met: other nodes, an
    // import beside the server.
    void exchange(store::Tx& tx);

private:
    mutable std::shared_mutex mutex_;
    std::map<std::string, std::chrono::nanoseconds, std::less<>> usual_;
    std::set<std::string> untold_;
};

}  // namespace auth
