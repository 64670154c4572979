#include "auth/hash_kinds.hpp"

#include "auth/bcrypt.hpp"

#include <algorithm>
#include <mutex>

namespace auth {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::size_t bcrypt_kind_length = 6;  // "$2b$12"
// A verification that is held up by half of its time still makes the same beat as the others.
constexpr double beat_of_slowest = 1.5;
constexpr int newest_share = 4;        // the usual time follows each new one by a fourth of the difference
constexpr int fields_before_salt = 4;  // of Argon2's PHC string: "", algorithm, version, cost

struct KindRow {
    std::string kind;
    std::int64_t verify_us = 0;
};
BOOST_DESCRIBE_STRUCT(KindRow, (), (kind, verify_us))

constexpr store::Sql list_sql = "select kind, verify_us from password_kinds";
constexpr store::Sql insert_sql =
    "insert into password_kinds (kind, verify_us) values ($1, $2) on conflict (kind) do nothing";

}  // namespace

std::string kind_of(std::string_view hash) {
    if (is_bcrypt(std::string(hash))) return std::string(hash.substr(0, bcrypt_kind_length));
    if (!hash.starts_with("$argon2id$")) return {};
    std::size_t end = 0;
    for (int field = 1; field < fields_before_salt && end != hash.npos; ++field)
        end = hash.find('$', end + 1);
    return std::string(hash.substr(0, end));
}

void HashKinds::note(const std::string& kind, nanoseconds took) {
    std::unique_lock lock(mutex_);
    auto [known, is_new] = usual_.try_emplace(kind, took);
    known->second += (took - known->second) / newest_share;
    if (is_new) untold_.insert(kind);
}

bool HashKinds::knows(std::string_view kind) const {
    std::shared_lock lock(mutex_);
    return usual_.contains(kind);
}

nanoseconds HashKinds::wait_after(nanoseconds took) const {
    nanoseconds slowest{};
    {
        std::shared_lock lock(mutex_);
        for (const auto& [kind, usual] : usual_)
            slowest = std::max(slowest, usual);
    }
    auto beat = std::chrono::duration_cast<nanoseconds>(slowest * beat_of_slowest);
    return beat.count() > 0 ? beat - took % beat : beat;
}

void HashKinds::exchange(store::Tx& tx) {
    std::map<std::string, nanoseconds, std::less<>> mine;
    {
        std::shared_lock lock(mutex_);
        for (const auto& kind : untold_)
            mine.emplace(kind, usual_.at(kind));
    }
    for (const auto& [kind, took] : mine)
        tx.run(insert_sql, kind, std::chrono::duration_cast<microseconds>(took).count());
    auto rows = tx.list<KindRow>(list_sql);
    std::unique_lock lock(mutex_);
    for (const auto& row : rows) {
        usual_.try_emplace(row.kind, microseconds(row.verify_us));
        untold_.erase(row.kind);
    }
}

}  // namespace auth
