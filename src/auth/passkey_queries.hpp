// The SQL of passkeys and their challenges.
#pragma once

#include "auth/passkeys.hpp"

namespace auth::queries {

struct PasskeyRow {
    PasskeyId id;
    core::UserId user_id;
    std::string name;
    std::int64_t algorithm = 0;
    std::string public_key;
    std::int64_t sign_count = 0;
    bool backup_eligible = false;
    bool backed_up = false;
    core::Time created_at;
    std::optional<core::Time> last_used_at;
    std::string credential_id;
};
BOOST_DESCRIBE_STRUCT(PasskeyRow, (),
                      (id, user_id, name, algorithm, public_key, sign_count, backup_eligible, backed_up,
                       created_at, last_used_at, credential_id))

std::vector<PasskeyRow> list_passkeys(store::Tx& tx, core::UserId user);  // oldest first
bool has_passkeys(store::Tx& tx, core::UserId user);
std::optional<PasskeyRow> find_passkey(store::Tx& tx, core::UserId user, PasskeyId passkey);
std::optional<PasskeyRow> find_passkey_by_credential(store::Tx& tx, const std::string& credential_id);
// False if somebody has that credential already, or the account has `count_max` passkeys.
bool insert_passkey(store::Tx& tx, const PasskeyRow& row, const std::string& aaguid, std::int64_t count_max);
bool rename_passkey(store::Tx& tx, core::UserId user, PasskeyId passkey, const core::Text<1, 100>& name);
bool delete_passkey(store::Tx& tx, core::UserId user, PasskeyId passkey);
// False if the counter didn't grow, and isn't one that stays 0.
bool note_use(store::Tx& tx, PasskeyId passkey, std::int64_t sign_count, bool backed_up);

struct PasskeyChallengeRow {
    std::optional<core::UserId> user_id;
};
BOOST_DESCRIBE_STRUCT(PasskeyChallengeRow, (), (user_id))
void insert_passkey_challenge(store::Tx& tx, const std::string& hash, std::string_view purpose,
                              std::optional<core::UserId> user, core::Time ends_at);
// The challenge, which nobody can take a second time.
std::optional<PasskeyChallengeRow> take_passkey_challenge(store::Tx& tx, const std::string& hash,
                                                          std::string_view purpose);
// At most `limit`; returns how many.
std::int64_t delete_passkey_challenges_ended(store::Tx& tx, std::int64_t limit);

}  // namespace auth::queries
