#include "auth/challenges.hpp"

#include "auth/mfa_queries.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

namespace auth {
namespace {

constexpr std::chrono::minutes lifetime{5};  // to fetch the phone from the other room
constexpr std::int64_t wrong_codes_max = 5;  // API.md: five wrong tries end the mfa_token
constexpr std::int64_t swept_at_once = 500;

std::string hash_of(std::string_view token) {
    return core::to_hex(core::fingerprint(token));
}

core::Error ended() {
    return {core::ErrorCode::unauthenticated, "The mfa_token is not valid (any more). Log in again.", {}, {}};
}

}  // namespace

MfaChallenge Challenges::begin(store::Tx& tx, core::UserId user, const std::string& verified_hash,
                               std::vector<std::string> methods) const {
    std::string token = core::to_base64url(core::random_bytes<32>());
    queries::insert_challenge(tx, hash_of(token), user, hash_of(verified_hash), tx.now() + lifetime);
    return {.mfa_token = std::move(token), .methods = std::move(methods)};
}

core::Result<SignedIn> Challenges::meet(store::Tx& tx, const core::Caller& caller,
                                        const MfaAttempt& attempt) const {
    std::string hash = hash_of(attempt.mfa_token.text());
    auto challenge = queries::take_challenge(tx, hash, wrong_codes_max);
    if (!challenge) return std::unexpected(ended());
    core::UserId user = challenge->user_id;
    if (auto right = factors_.spend_code(tx, user, attempt.code); !right)
        return std::unexpected(std::move(right.error()));
    queries::delete_challenge(tx, hash);

    auto account = users::find_credentials(tx, user);
    if (!account || hash_of(account->password_hash) != challenge->password_mark)
        return std::unexpected(ended());
    auto noted = users::note_login(tx, user, account->password_hash);
    if (!noted) return std::unexpected(ended());  // disabled meanwhile
    return sessions_.begin(tx, caller, std::move(noted->profile), noted->session_start,
                           Proof{tx.now(), tx.now()});
}

bool Challenges::sweep(store::Tx& tx) const {
    return queries::delete_challenges_ended_before(tx, tx.now(), swept_at_once) == swept_at_once;
}

}  // namespace auth
