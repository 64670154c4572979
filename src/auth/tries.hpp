// How often a secret may be guessed (SE-4): consecutive failures of an account's password, of its codes, and
// of an address. A try is counted before it is checked and forgiven when it was right, so that guesses made
// at the same moment are all counted. In the database: every node and every restart goes on with the same
// count.
#pragma once

#include "core/caller.hpp"
#include "core/text.hpp"
#include "store/tx.hpp"

#include <chrono>
#include <string>

namespace auth {

struct TryLimit {
    std::int64_t free = 0;                            // tries without a pause
    std::chrono::seconds pause{30};                   // each further try doubles it…
    std::chrono::seconds pause_max{3600};             // …up to this
    std::int64_t stop_at = 100;                       // SP 800-63B-4 §3.2.2: at most that many in a row…
    std::chrono::seconds stop{24 * 3600};             // …then none for a day, which ends by itself
    std::chrono::seconds forgotten_after{24 * 3600};  // without a try the count begins anew
};

inline constexpr TryLimit password_tries{.free = 10};  // more than people mistype
inline constexpr TryLimit code_tries{.free = 20};  // of a million codes, of which three are good at a time
// An address may be a whole office: it has no last try, and an hour without one clears it.
constexpr TryLimit address_tries(std::int64_t free) {
    return {.free = free,
            .stop_at = std::numeric_limits<std::int64_t>::max(),
            .forgotten_after = std::chrono::seconds{3600}};
}

// Counts a try. Errors: rate_limited with the seconds to wait; then it isn't counted and must not be made.
core::Result<void> take_try(store::Tx& tx, const std::string& subject, const TryLimit& limit);
// The same answer without counting, for a look before anything costs.
core::Result<void> check_tries(store::Tx& tx, const std::string& subject);
// The try was right: nothing has failed in a row any more.
void forget_tries(store::Tx& tx, const std::string& subject);
// The try was right, but says nothing about the others of the subject.
void give_back_try(store::Tx& tx, const std::string& subject);
// Deletes what no limit remembers, a bounded number of it. True if there is more.
bool sweep_tries(store::Tx& tx);

// Counts one of `max` that the subject may have in an hour. Errors: rate_limited with the seconds until the
// hour is over.
core::Result<void> take_one(store::Tx& tx, const std::string& subject, std::int64_t max);
// The same answer without counting.
core::Result<void> check_one(store::Tx& tx, const std::string& subject, std::int64_t max);

// Subjects. Log-ins from an address where the account has had a session are counted apart from everybody
// else's: strangers who guess can't lock the owner out there.
std::string password_subject(const core::Email& email);
std::string password_subject(core::UserId user, const std::string& known_ip);
std::string own_password_subject(core::UserId user);
std::string code_subject(core::UserId user);
// An IPv6 subscriber has a /64 for themselves: all of it counts as one.
std::string address_subject(const std::string& ip);
std::string address_subject(const std::string& ip, std::string_view deed);

}  // namespace auth
