#include "store/sqlite_readers.hpp"

namespace store {
namespace {

std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

struct SqliteReaders::Lent {
    std::uint64_t number;
    std::weak_ptr<SqliteReaders> owner;
    SqliteConnection* connection;
};

struct SqliteReaders::LentToThread {
    std::vector<Lent> all;

    ~LentToThread() {
        for (auto& lent : all) {
            if (auto owner = lent.owner.lock()) owner->give_back(*lent.connection);
        }
    }
};

SqliteReaders::SqliteReaders(std::filesystem::path file, std::chrono::milliseconds busy_timeout)
    : number_(next_number()), file_(std::move(file)), busy_timeout_(busy_timeout) {}

SqliteConnection& SqliteReaders::of_this_thread() {
    static thread_local LentToThread mine;
    for (auto& lent : mine.all) {
        if (lent.number == number_) return *lent.connection;
    }
    std::erase_if(mine.all, [](const Lent& lent) { return lent.owner.expired(); });
    auto& connection = lend();
    mine.all.push_back({number_, weak_from_this(), &connection});
    return connection;
}

SqliteConnection& SqliteReaders::lend() {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
        auto* connection = idle_.back();
        idle_.pop_back();
        return *connection;
    }
    auto use = SqliteConnection::Use::read;
    all_.push_back(std::make_unique<SqliteConnection>(file_, use, busy_timeout_));
    return *all_.back();
}

void SqliteReaders::give_back(SqliteConnection& connection) {
    std::lock_guard lock(mutex_);
    if (!all_.empty()) idle_.push_back(&connection);
}

void SqliteReaders::close() {
    std::lock_guard lock(mutex_);
    idle_.clear();
    all_.clear();
}

}  // namespace store
