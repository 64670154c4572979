#include "auth/sessions.hpp"

#include "auth/queries.hpp"
#include "auth/revocations.hpp"
#include "auth/sealing.hpp"

#include "core/encoding.hpp"
#include "core/log.hpp"
#include "core/random.hpp"

#include <boost/json/serialize.hpp>

namespace auth {
namespace {

constexpr std::chrono::hours kept_after_end{
    7 * 24};                                 // for a device list, and to tell a late thief from a stranger
constexpr std::int64_t swept_at_once = 500;  // a delete of that many holds up no other write for long

std::string new_refresh_token() {
    return core::to_base64url(core::random_bytes<32>());
}

std::string hash_of(const std::string& token) {
    return core::to_hex(core::fingerprint(token));
}

core::Error invalid_refresh_token() {
    return {core::ErrorCode::unauthenticated, "The refresh token is not valid. Log in again.", {}, {}};
}

void announce_revoked(store::Tx& tx, core::SessionId session, core::UserId user, std::string_view reason) {
    boost::json::object payload{{"user_id", user.text()}, {"reason", reason}};
    tx.append_event(std::string(session_revoked_event), session.str(), boost::json::serialize(payload));
}

void announce_started(store::Tx& tx, core::SessionId session, core::UserId user, const core::Caller& caller) {
    bool new_device =
        queries::has_sessions(tx, user) && !queries::has_session_with(tx, user, caller.user_agent);
    boost::json::object payload{{"session_id", session.text()},
                                {"ip", caller.ip},
                                {"user_agent", caller.user_agent},
                                {"new_device", new_device}};
    tx.append_event(std::string(session_started_event), user.str(), boost::json::serialize(payload));
}

}  // namespace

SignedIn Sessions::begin(store::Tx& tx, const core::Caller& caller, users::Profile user, core::Time start,
                         Proof proof) const {
    auto session = core::SessionId::at(start);
    announce_started(tx, session, user.id, caller);
    TokenPair pair{tokens_.issue({user.id, session, user.role, proof}, tx.now()), new_refresh_token()};
    queries::insert_session(tx, {.id = session,
                                 .user_id = user.id,
                                 .ip = caller.ip,
                                 .user_agent = caller.user_agent,
                                 .created_at = start,
                                 .ends_at = end_of(start, tx.now()),
                                 .authenticated_at = proof.at,
                                 .second_factor_at = proof.second_factor_at});
    queries::insert_refresh_token(tx, hash_of(pair.refresh), session, std::nullopt);
    return answer_of(std::move(user), std::move(pair));
}

core::Result<SignedIn> Sessions::refresh(store::Tx& tx, const std::string& token) const {
    auto row = queries::find_refresh_token(tx, hash_of(token));
    if (!row) return std::unexpected(invalid_refresh_token());
    if (row->spent_at) return replay(tx, token, *row);
    return rotate(tx, token, *row);
}

core::Result<FreshToken> Sessions::prove(store::Tx& tx, const core::Caller& caller, Factor factor) const {
    if (!caller.session)
        return core::fail(core::ErrorCode::forbidden, "Only people who signed in can do this.");
    auto standing = queries::prove_session(tx, *caller.session, factor == Factor::second);
    if (!standing) return std::unexpected(invalid_token());
    Proof proof{standing->authenticated_at, standing->second_factor_at};
    return FreshToken{
        .access_token = tokens_.issue({standing->user_id, *caller.session, caller.role, proof}, tx.now()),
        .expires_in = settings_.access_lifetime.count()};
}

core::Result<SignedIn> Sessions::rotate(store::Tx& tx, const std::string& token, const TokenRow& row) const {
    if (auto alive = check_alive(tx, row); !alive) return std::unexpected(std::move(alive.error()));
    auto profile = users::get_profile(tx, row.user_id);
    if (!profile) return std::unexpected(invalid_refresh_token());

    Proof proof{row.authenticated_at, row.second_factor_at};
    TokenPair pair{tokens_.issue({row.user_id, row.session_id, profile->role, proof}, tx.now()),
                   new_refresh_token()};
    std::string hash = hash_of(token);
    if (!queries::spend_refresh_token(tx, hash, seal(replay_key(token), pair.access + '\n' + pair.refresh))) {
        auto spent = queries::find_refresh_token(tx, hash);  // somebody was quicker with the same token
        return spent ? replay(tx, token, *spent) : std::unexpected(invalid_refresh_token());
    }
    if (!queries::prolong_session(tx, row.session_id, end_of(row.session_created_at, tx.now()))) {
        return std::unexpected(invalid_refresh_token());  // revoked since it was read
    }
    queries::insert_refresh_token(tx, hash_of(pair.refresh), row.session_id, hash);
    // Its answer arrived, for here is the token that was in it: who sends it again is not its client.
    if (row.predecessor) queries::forget_successor(tx, *row.predecessor);
    return answer_of(std::move(*profile), std::move(pair));
}

core::Result<SignedIn> Sessions::replay(store::Tx& tx, const std::string& token, const TokenRow& row) const {
    bool in_time = tx.now() <= *row.spent_at + settings_.replay_window;
    if (in_time && row.sealed_successor && !row.revoked_at) {
        if (auto alive = check_alive(tx, row); !alive) return std::unexpected(std::move(alive.error()));
        auto text = unseal(replay_key(token), *row.sealed_successor);
        auto profile = users::get_profile(tx, row.user_id);
        std::size_t line_end = text ? text->find('\n') : std::string::npos;
        if (profile && line_end != std::string::npos) {
            return answer_of(std::move(*profile), {text->substr(0, line_end), text->substr(line_end + 1)});
        }
    }
    revoke(tx, row.session_id, "refresh_token_reused");
    return core::fail(core::ErrorCode::refresh_token_reused,
                      "This refresh token was used before, so its session has been ended. Log in again.");
}

core::Result<void> Sessions::check_alive(store::Tx& tx, const TokenRow& row) const {
    if (row.revoked_at) return std::unexpected(invalid_refresh_token());
    if (tx.now() >= row.ends_at) {
        return core::fail(core::ErrorCode::token_expired, "The session has ended of age. Log in again.");
    }
    auto account = users::find_credentials(tx, row.user_id);
    if (!account || account->disabled || row.session_created_at < account->sessions_valid_from) {
        return std::unexpected(invalid_refresh_token());
    }
    return {};
}

void Sessions::revoke(store::Tx& tx, core::SessionId session, std::string_view reason) const {
    if (auto user = queries::revoke_session(tx, session)) announce_revoked(tx, session, *user, reason);
}

bool Sessions::revoke_own(store::Tx& tx, core::UserId user, core::SessionId session,
                          std::string_view reason) const {
    if (!queries::revoke_session_of(tx, user, session)) return false;
    announce_revoked(tx, session, user, reason);
    return true;
}

void Sessions::revoke_by_token(store::Tx& tx, const std::string& refresh_token,
                               std::string_view reason) const {
    if (auto row = queries::find_refresh_token(tx, hash_of(refresh_token)))
        revoke(tx, row->session_id, reason);
}

void Sessions::revoke_all(store::Tx& tx, core::UserId user, std::optional<core::SessionId> except,
                          std::string_view reason) const {
    for (auto session : queries::revoke_sessions_of(tx, user, except))
        announce_revoked(tx, session, user, reason);
}

bool Sessions::sweep(store::Tx& tx) const {
    return queries::delete_sessions_ended_before(tx, tx.now() - kept_after_end, swept_at_once) ==
           swept_at_once;
}

core::Time Sessions::end_of(core::Time created, core::Time used) const {
    return std::min(created + settings_.refresh_absolute, used + settings_.refresh_idle);
}

Secret Sessions::replay_key(const std::string& spent_token) const {
    return derive_key(settings_.secret, "refresh replay", spent_token);
}

SignedIn Sessions::answer_of(users::Profile user, TokenPair pair) const {
    return {.user = std::move(user),
            .access_token = std::move(pair.access),
            .expires_in = settings_.access_lifetime.count(),
            .refresh_token = std::move(pair.refresh)};
}

}  // namespace auth
