// The SQL of second factors and of log-ins that wait for one.
#pragma once

#include "core/id.hpp"
#include "store/tx.hpp"

namespace auth::queries {

struct TotpRow {
    std::string sealed_secret;
    std::optional<core::Time> confirmed_at;
};
BOOST_DESCRIBE_STRUCT(TotpRow, (), (sealed_secret, confirmed_at))

std::optional<TotpRow> find_totp(store::Tx& tx, core::UserId user);
// Replaces a pending one. False if there is a confirmed one.
bool insert_pending_totp(store::Tx& tx, core::UserId user, const std::string& sealed_secret);
// False if it is confirmed already.
bool confirm_totp(store::Tx& tx, core::UserId user, std::int64_t step);
// False if a code of this step or a later one was taken before.
bool spend_totp_step(store::Tx& tx, core::UserId user, std::int64_t step);
bool delete_totp(store::Tx& tx, core::UserId user);

void insert_recovery_code(store::Tx& tx, const std::string& hash, core::UserId user);
// False if there is none like that (any more).
bool delete_recovery_code(store::Tx& tx, const std::string& hash, core::UserId user);
void delete_recovery_codes(store::Tx& tx, core::UserId user);
std::int64_t count_recovery_codes(store::Tx& tx, core::UserId user);

struct ChallengeRow {
    core::UserId user_id;
    std::string password_mark;
    std::int64_t wrong_codes = 0;
};
BOOST_DESCRIBE_STRUCT(ChallengeRow, (), (user_id, password_mark, wrong_codes))

void insert_challenge(store::Tx& tx, const std::string& hash, core::UserId user,
                      const std::string& password_mark, core::Time ends_at);
// One that has neither ended nor seen `wrong_codes_max` wrong codes. Others wait until this transaction is
// done.
std::optional<ChallengeRow> take_challenge(store::Tx& tx, const std::string& hash,
                                           std::int64_t wrong_codes_max);
void delete_challenge(store::Tx& tx, const std::string& hash);
// At most `limit`; returns how many.
std::int64_t delete_challenges_ended_before(store::Tx& tx, core::Time time, std::int64_t limit);

}  // namespace auth::queries
