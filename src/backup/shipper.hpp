// Ships what a shop on SQLite commits to a folder elsewhere, seconds behind the commits and never in their
// way: `kontor restore --at` makes the shop of any moment of it. A slow, full or missing folder costs nothing
// but that; what then waits is bounded, and beyond it shipping begins again with a fresh copy.
#pragma once

#include "backup/backup.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace store {
class SqliteLog;
struct LogPiece;
}  // namespace store

namespace backup {

class Generation;

struct ShipSettings {
    Place shop;
    std::filesystem::path into;  // empty: nothing is shipped
    std::chrono::seconds every{1};
    std::chrono::hours copy_every{24};  // so long a log is replayed at most to restore
    std::chrono::hours kept{24 * 7};
    std::size_t waiting_bytes_max = 256 << 20;  // a busy shop commits tens of megabytes a second
};

class Shipper {
public:
    Shipper(ShipSettings settings, store::Database& database, const core::Clock& clock);
    ~Shipper();

    void start();
    // Ships what is left. Waits for the folder.
    void stop();

    // For metrics; by any thread.
    bool is_on() const { return !settings_.into.empty(); }
    std::chrono::milliseconds lag() const;  // the age of the oldest commit that isn't shipped; 0: all are
    std::uint64_t segments() const { return segments_; }
    std::uint64_t failures() const { return failures_; }

private:
    void serve(const std::stop_token& stop);
    void round();
    void begin_generation();
    void copy_database(Generation& next);
    void ship();
    void add_to_both();
    void note_shipped();
    void breathe();
    void complain(const std::string& why);
    void give_up_generation();

    const ShipSettings settings_;
    store::Database& database_;
    const core::Clock& clock_;
    std::shared_ptr<store::SqliteLog> log_;
    std::unique_ptr<Generation> current_;
    std::unique_ptr<Generation> next_;  // while its copy is being made
    std::unique_ptr<store::LogPiece> unsent_;
    std::int64_t piece_number_ = 0;
    bool saw_strangers_ = false;
    std::chrono::steady_clock::time_point ship_at_{};
    std::chrono::steady_clock::time_point begin_at_{};
    std::chrono::steady_clock::time_point complain_at_{};
    bool stopping_ = false;
    std::atomic<std::int64_t> unsent_since_ms_{0};  // 0: all that was fetched is shipped
    std::atomic<std::uint64_t> segments_{0};
    std::atomic<std::uint64_t> failures_{0};
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

// What a folder that was shipped to knows of: the time of its last commit. None: nothing was shipped there.
std::optional<core::Time> find_shipped_until(const std::filesystem::path& shipped);

}  // namespace backup
