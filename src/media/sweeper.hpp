// Removes files that no picture uses any more: of pictures and products that were deleted, and of uploads
// that were never committed. Owns one thread that sleeps nearly always.
#pragma once

#include "media/media.hpp"
#include "store/database.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace media {

class Sweeper {
public:
    // What is that old and without a row won't get one: files are written moments before their rows.
    static constexpr std::chrono::hours age_min{1};

    // Those of `files` that are in use.
    using Used = std::function<std::vector<std::string>(store::Tx&, const std::vector<std::string>& files)>;

    Sweeper(const Folder& folder, store::Database& database, Used used = list_used_files);
    ~Sweeper() { stop(); }

    void start();
    void stop();
    // How many were removed. On the calling thread.
    std::size_t sweep(std::chrono::seconds older_than = age_min) const;

private:
    void serve();

    const Folder& folder_;
    store::Database& database_;
    Used used_;
    std::mutex mutex_;
    std::condition_variable stopped_or_due_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace media
