// What wakes a thread that follows the event log: rung by commits, also by those of a database that outlives
// the thread. Thread-safe.
#pragma once

#include "store/database.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace jobs {

class Bell {
public:
    void ring() {
        {
            std::lock_guard lock(mutex_);
            if (rung_) return;
            rung_ = true;
        }
        rung_or_stopped_.notify_one();
    }
    void stop() {
        {
            std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        rung_or_stopped_.notify_one();
    }
    bool is_stopped() {
        std::lock_guard lock(mutex_);
        return stopped_;
    }
    void wait_until(std::chrono::steady_clock::time_point until) {
        std::unique_lock lock(mutex_);
        rung_or_stopped_.wait_until(lock, until, [&] { return rung_ || stopped_; });
        rung_ = false;
    }
    // Only stop() ends it early; a ring is kept for the next wait.
    void rest_until(std::chrono::steady_clock::time_point until) {
        std::unique_lock lock(mutex_);
        rung_or_stopped_.wait_until(lock, until, [&] { return stopped_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable rung_or_stopped_;
    bool rung_ = false;
    bool stopped_ = false;
};

// Rung by commits of this program.
inline std::shared_ptr<Bell> bell_of_own_commits(store::Database& database) {
    auto bell = std::make_shared<Bell>();
    database.on_commit([bell](std::span<const store::Event>) { bell->ring(); });
    return bell;
}

// Rung by commits of other programs as well.
inline std::shared_ptr<Bell> bell_of_commits(store::Database& database) {
    auto bell = bell_of_own_commits(database);
    database.on_news([bell] { bell->ring(); });
    return bell;
}

}  // namespace jobs
