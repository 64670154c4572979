// Takes a backup every so often while a shop serves, and keeps the newest ones.
#pragma once

#include "backup/backup.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace backup {

struct KeeperSettings {
    Place shop;
    std::filesystem::path into;
    std::chrono::hours every{0};  // 0: never
    std::size_t kept = 7;
};

// Nodes of one shop that share the folder take one backup together.
class Keeper {
public:
    Keeper(KeeperSettings settings, const core::Clock& clock);
    ~Keeper() { stop(); }

    void start();
    // Waits for a backup that is being taken.
    void stop();

private:
    void serve(const std::stop_token& stop);
    std::chrono::milliseconds due_in() const;
    void take_one();

    const KeeperSettings settings_;
    const core::Clock& clock_;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

}  // namespace backup
