#include "auth/tries.hpp"

#include "core/random.hpp"
#include "http/network.hpp"

#include <algorithm>

namespace auth {
namespace {

constexpr std::chrono::milliseconds hour = std::chrono::hours{1};
constexpr std::int64_t swept_at_once = 500;  // a delete of that many holds up no other write for long
constexpr std::chrono::hours kept_for{48};   // longer than any limit remembers or stops

constexpr store::Sql take_sql =
    "insert into tries (subject, failures, blocked_until, updated_at) values ($1, 1, 0, $2) "
    "on conflict (subject) do update set updated_at = $2, "
    "failures = case when tries.updated_at <= $3 then 1 else tries.failures + 1 end "
    "where tries.blocked_until <= $2 returning failures";
constexpr store::Sql block_sql = "update tries set blocked_until = $2 where subject = $1";
constexpr store::Sql blocked_until_sql = "select blocked_until from tries where subject = $1";
constexpr store::Sql forget_sql = "delete from tries where subject = $1";
constexpr store::Sql give_back_sql =
    "update tries set failures = failures - 1, blocked_until = 0 where subject = $1 and failures > 0";
// Here `updated_at` is when the hour began.
constexpr store::Sql take_one_sql =
    "insert into tries (subject, failures, blocked_until, updated_at) values ($1, 1, 0, $2) "
    "on conflict (subject) do update set "
    "failures = case when tries.updated_at <= $3 then 1 else tries.failures + 1 end, "
    "updated_at = case when tries.updated_at <= $3 then $2 else tries.updated_at end "
    "where tries.updated_at <= $3 or tries.failures < $4 returning failures";
constexpr store::Sql hour_began_sql =
    "select updated_at from tries where subject = $1 and failures >= $2 and updated_at > $3";
constexpr store::Sql sweep_sql =
    "delete from tries where subject in (select subject from tries where updated_at < $1 order by updated_at "
    "limit $2)";

std::chrono::seconds pause_after(std::int64_t failures, const TryLimit& limit) {
    if (failures >= limit.stop_at) return limit.stop;
    auto pause = limit.pause;
    for (std::int64_t i = limit.free; i < failures && pause < limit.pause_max; ++i)
        pause *= 2;
    return std::min(pause, limit.pause_max);
}

std::unexpected<core::Error> blocked(core::Time until, core::Time now) {
    std::int64_t seconds = std::max<std::int64_t>(1, (until.ms - now.ms + 999) / 1000);
    return core::fail_until(seconds, "Too many tries have failed. Try again in " + std::to_string(seconds) +
                                         (seconds == 1 ? " second." : " seconds."));
}

}  // namespace

core::Result<void> take_try(store::Tx& tx, const std::string& subject, const TryLimit& limit) {
    auto failures = tx.find<std::int64_t>(take_sql, subject, tx.now(), tx.now() - limit.forgotten_after);
    if (!failures) return check_tries(tx, subject);
    if (*failures >= limit.free) tx.run(block_sql, subject, tx.now() + pause_after(*failures, limit));
    return {};
}

core::Result<void> check_tries(store::Tx& tx, const std::string& subject) {
    auto until = tx.find<core::Time>(blocked_until_sql, subject);
    if (until && *until > tx.now()) return blocked(*until, tx.now());
    return {};
}

core::Result<void> take_one(store::Tx& tx, const std::string& subject, std::int64_t max) {
    if (tx.find<std::int64_t>(take_one_sql, subject, tx.now(), tx.now() - hour, max)) return {};
    return check_one(tx, subject, max);
}

core::Result<void> check_one(store::Tx& tx, const std::string& subject, std::int64_t max) {
    auto began = tx.find<core::Time>(hour_began_sql, subject, max, tx.now() - hour);
    if (!began) return {};
    std::int64_t seconds = std::max<std::int64_t>(1, (began->ms + hour.count() - tx.now().ms + 999) / 1000);
    return core::fail_until(seconds, "Too many of these came from your address. Try again in " +
                                         std::to_string((seconds + 59) / 60) + " minutes.");
}

void forget_tries(store::Tx& tx, const std::string& subject) {
    tx.run(forget_sql, subject);
}

void give_back_try(store::Tx& tx, const std::string& subject) {
    tx.run(give_back_sql, subject);
}

bool sweep_tries(store::Tx& tx) {
    return tx.count_changed(sweep_sql, tx.now() - kept_for, swept_at_once) == swept_at_once;
}

std::string password_subject(const core::Email& email) {
    return "password:" + core::to_hex(core::short_fingerprint(email.key()));
}

std::string password_subject(core::UserId user, const std::string& known_ip) {
    return "password:" + user.str() + ":" + known_ip;
}

std::string own_password_subject(core::UserId user) {
    return "own_password:" + user.str();
}

std::string code_subject(core::UserId user) {
    return "code:" + user.str();
}

std::string address_subject(const std::string& ip) {
    return address_subject(ip, "address");
}

std::string address_subject(const std::string& ip, std::string_view deed) {
    return std::string(deed) + ":" + http::network_of(ip);
}

}  // namespace auth
