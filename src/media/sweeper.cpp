#include "media/sweeper.hpp"

#include "core/log.hpp"
#include "core/or_throw.hpp"
#include "core/thread.hpp"

#include <algorithm>

namespace media {
namespace {

constexpr std::chrono::hours sweep_every{1};
constexpr std::size_t files_page = 500;  // asked about at once

}  // namespace

Sweeper::Sweeper(const Folder& folder, store::Database& database, Used used)
    : folder_(folder), database_(database), used_(std::move(used)) {}

void Sweeper::start() {
    thread_ = std::thread([this] { serve(); });
}

void Sweeper::stop() {
    {
        std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    stopped_or_due_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Sweeper::serve() {
    core::begin_background_thread("media-sweeper");
    std::unique_lock lock(mutex_);
    while (!stopped_or_due_.wait_for(lock, sweep_every, [this] { return stopped_; })) {
        lock.unlock();
        try {
            if (std::size_t removed = sweep(); removed > 0)
                spdlog::info("media: {} files that no picture uses were removed", removed);
        } catch (const std::exception& error) {
            spdlog::warn("media: unused files stay until the next try: {}", core::quoted(error.what()));
        }
        lock.lock();
    }
}

std::size_t Sweeper::sweep(std::chrono::seconds older_than) const {
    const std::vector<std::string> files = folder_.list_older_than(older_than);
    std::size_t removed = 0;
    for (std::size_t begin = 0; begin < files.size(); begin += files_page) {
        const auto end = std::min(files.size(), begin + files_page);
        const std::vector<std::string> page(files.begin() + static_cast<std::ptrdiff_t>(begin),
                                            files.begin() + static_cast<std::ptrdiff_t>(end));
        auto used =
            core::or_throw(store::read_now(database_, [&](store::Tx& tx) { return used_(tx, page); }));
        for (const std::string& file : page) {
            if (std::ranges::find(used, file) != used.end()) continue;
            folder_.remove(file);
            ++removed;
        }
    }
    return removed;
}

}  // namespace media
