#include "auth/password_cost.hpp"

#include <sodium.h>

#include <algorithm>
#include <new>
#include <vector>

namespace auth {
namespace {

constexpr unsigned passes_max = 32;  // on a machine that is faster than any today
constexpr int measurements = 3;      // the quickest counts: others may have been held up

struct CostRow {
    std::int64_t memory_kib = 0;
    std::int64_t passes = 0;
};
BOOST_DESCRIBE_STRUCT(CostRow, (), (memory_kib, passes))

constexpr store::Sql find_cost_sql = "select memory_kib, passes from password_cost where memory_kib = $1";
constexpr store::Sql insert_cost_sql =
    "insert into password_cost (one, memory_kib, passes, measured_at) values (1, $1, $2, $3) "
    "on conflict (one) do update set memory_kib = $1, passes = $2, measured_at = $3 "
    "where password_cost.memory_kib <> $1";

std::chrono::nanoseconds time_of(std::size_t memory_kib, unsigned passes) {
    unsigned char key[32];
    unsigned char salt[crypto_pwhash_SALTBYTES] = {};
    auto start = std::chrono::steady_clock::now();
    int failed = crypto_pwhash(key, sizeof key, "measured", 8, salt, passes, memory_kib * 1024,
                               crypto_pwhash_ALG_ARGON2ID13);
    if (failed != 0) throw std::bad_alloc();  // the only way it can fail
    return std::chrono::steady_clock::now() - start;
}

}  // namespace

unsigned measure_passes(std::size_t memory_kib, unsigned passes_min, std::chrono::milliseconds target) {
    std::chrono::nanoseconds quickest = std::chrono::nanoseconds::max();
    for (int i = 0; i < measurements; ++i)
        quickest = std::min(quickest, time_of(memory_kib, passes_min));
    auto fitting =
        static_cast<unsigned>(target * passes_min / std::max(quickest, std::chrono::nanoseconds{1}));
    return std::clamp(fitting, passes_min, std::max(passes_min, passes_max));
}

PasswordCost ready_password_cost(store::Database& database, const Settings& settings) {
    PasswordCost floor{settings.argon2_memory_kib, settings.argon2_passes};
    if (settings.hash_target.count() == 0) return floor;
    auto find = [&](store::Tx& tx) {
        return tx.find<CostRow>(find_cost_sql, static_cast<std::int64_t>(floor.memory_kib));
    };
    auto known = store::read_now(database, find);
    if (known && !*known) {
        unsigned passes = measure_passes(floor.memory_kib, floor.passes, settings.hash_target);
        known = store::write_now(database, [&](store::Tx& tx) {
            tx.run(insert_cost_sql, floor.memory_kib, passes, tx.now());
            return find(tx);  // another node may have been first
        });
    }
    if (!known || !*known)
        throw std::runtime_error("The cost of password hashes can't be read from the database.");
    return {floor.memory_kib, std::max(floor.passes, static_cast<unsigned>((*known)->passes))};
}

}  // namespace auth
