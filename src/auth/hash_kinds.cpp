#include "auth/hash_kinds.hpp"

#include "auth/bcrypt.hpp"

#include <algorithm>
#include <mutex>

namespace auth {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::size_t bcrypt_kind_length = 6;  // "$2b$12"
constexpr int fields_before_salt = 4;          // of Argon2's PHC string: "", algorithm, version, cost

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
    auto [known, is_new] = quickest_.try_emplace(kind, took);
    known->second = std::min(known->second, took);
    if (is_new) untold_.insert(kind);
}

bool HashKinds::knows(std::string_view kind) const {
    std::shared_lock lock(mutex_);
    return quickest_.contains(kind);
}

double HashKinds::stretch_of(std::string_view kind) const {
    std::shared_lock lock(mutex_);
    auto own = quickest_.find(kind);
    if (own == quickest_.end() || own->second.count() <= 0) return 1;
    nanoseconds slowest = own->second;
    for (const auto& [other, took] : quickest_)
        slowest = std::max(slowest, took);
    return static_cast<double>(slowest.count()) / static_cast<double>(own->second.count());
}

void HashKinds::exchange(store::Tx& tx) {
    std::map<std::string, nanoseconds, std::less<>> mine;
    {
        std::shared_lock lock(mutex_);
        for (const auto& kind : untold_)
            mine.emplace(kind, quickest_.at(kind));
    }
    for (const auto& [kind, took] : mine)
        tx.run(insert_sql, kind, std::chrono::duration_cast<microseconds>(took).count());
    auto rows = tx.list<KindRow>(list_sql);
    std::unique_lock lock(mutex_);
    for (const auto& row : rows) {
        nanoseconds told = microseconds(row.verify_us);
        auto known = quickest_.try_emplace(row.kind, told).first;
        known->second = std::min(known->second, told);
        untold_.erase(row.kind);
    }
}

}  // namespace auth
