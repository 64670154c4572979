#include "auth/auth.hpp"

#include "auth/account_security.hpp"
#include "auth/authenticator.hpp"
#include "auth/letter_token.hpp"
#include "auth/password_policy.hpp"
#include "auth/queries.hpp"
#include "auth/routes.hpp"
#include "auth/sign_in.hpp"
#include "auth/tries.hpp"
#include "core/or_throw.hpp"

namespace auth {

core::Result<void> count_of_address(store::Tx& tx, std::string_view deed, const std::string& ip,
                                    std::int64_t max) {
    if (max == 0) return {};
    return take_one(tx, address_subject(ip, deed), max);
}

namespace {

constexpr std::chrono::minutes sweep_every{10};
// Revocations of another node stop access tokens here within a second (docs/security.md, SE-10).
constexpr std::chrono::milliseconds look_at_other_nodes_every{500};

// A new key signs after key_lead; by then it has been seen.
constexpr std::chrono::seconds look_for_new_keys_every{1};
constexpr std::chrono::seconds exchange_hash_kinds_every{5};  // after an import beside the server

}  // namespace

struct Auth::State {
    State(Settings given, store::Database& db) : settings(std::move(given)), database(db) {}

    const Settings settings;
    store::Database& database;
    PasswordHasher hasher{settings};
    AccessTokens tokens{settings};
    std::atomic<std::size_t> keys_known{
        0};  // none is ever removed, so their number tells whether there is a new one

    void use_keys(std::vector<TimedKey> keys) {
        keys_known = keys.size();
        tokens.use(std::move(keys));
    }
    Revocations revocations{settings.access_lifetime};
    Authenticator authenticator{settings, tokens, revocations};
    Sessions sessions{settings, tokens};
    SecondFactors factors{settings};
    Challenges challenges{factors, sessions};
    SignIn sign_in{settings, database, hasher, sessions, factors, challenges};
    RefreshCookie refresh_cookie{settings};
    OwnPassword own_password{database, hasher};
    Passkeys passkeys{settings, sessions};
    AccountSecurity account_security{settings, database, hasher, sessions, factors, passkeys};
};

Auth::Auth(Settings settings, store::Database& database) {
    core::start_crypto();
    state_ = std::make_unique<State>(std::move(settings), database);
}

Auth::~Auth() = default;

void Auth::start() {
    auto work = [this](store::Tx& tx) {
        state_->revocations.load(tx);
        return load_signing_keys(tx, state_->settings.secret);
    };
    auto keys = core::or_throw(store::write_now(state_->database, work), "The signing keys can't be read");
    state_->use_keys(std::move(keys));
    state_->hasher.use(ready_password_cost(state_->database, state_->settings));
    exchange_hash_kinds();
}

void Auth::exchange_hash_kinds() {
    core::or_throw(
        store::write_now(state_->database, [this](store::Tx& tx) { state_->hasher.kinds().exchange(tx); }),
        "The kinds of password hashes can't be read");
}

void Auth::learn_kind_of(const std::string& password_hash) {
    auto& kinds = state_->hasher.kinds();
    if (kinds.knows(kind_of(password_hash))) return;
    constexpr int measurements = 2;  // the quicker counts: the other may have been held up
    for (const std::string& kind : {kind_of(password_hash), state_->hasher.kind()}) {
        for (int i = 0; i < measurements; ++i)
            kinds.note(kind, state_->hasher.time_of(kind));
    }
    exchange_hash_kinds();
}

std::size_t Auth::hashing() const {
    return state_->hasher.waiting();
}

void Auth::stop() {
    state_->hasher.stop();
}

void Auth::on_commit(std::span<const store::Event> events) {
    for (const auto& event : events)
        state_->revocations.on_event(event);
}

http::Authenticate Auth::authenticate() const {
    return [&authenticator = state_->authenticator](std::string_view token, core::Time now,
                                                    core::Caller& caller) {
        return authenticator.authenticate(token, now, caller);
    };
}

void Auth::add_routes(http::Api& api) {
    add_sign_in_routes(api, state_->sign_in, state_->refresh_cookie, state_->tokens);
    add_account_routes(api, state_->account_security, state_->factors);
    add_device_routes(api, state_->sessions);
    add_passkey_routes(api, state_->database, state_->passkeys, state_->refresh_cookie);
}

std::vector<jobs::Schedule> Auth::schedules() {
    std::vector<jobs::Schedule> schedules;
    schedules.push_back({.name = "auth.sweep_sessions", .every = sweep_every, .run = [this](store::Tx& tx) {
                             return state_->sessions.sweep(tx);
                         }});
    schedules.push_back({.name = "auth.sweep_challenges", .every = sweep_every, .run = [this](store::Tx& tx) {
                             bool more = state_->passkeys.sweep(tx);
                             return state_->challenges.sweep(tx) || more;
                         }});
    schedules.push_back({.name = "auth.sweep_tries", .every = sweep_every, .run = sweep_tries});
    schedules.push_back(
        {.name = "auth.signing_keys", .every = look_for_new_keys_every, .run = [this](store::Tx& tx) {
             auto last = static_cast<std::size_t>(queries::last_signing_key_serial(tx));
             if (last != state_->keys_known) state_->use_keys(load_signing_keys(tx, state_->settings.secret));
             return false;
         }});
    schedules.push_back(
        {.name = "auth.hash_kinds", .every = exchange_hash_kinds_every, .run = [this](store::Tx& tx) {
             state_->hasher.kinds().exchange(tx);
             return false;
         }});
    if (state_->database.engine() == "postgres") {
        schedules.push_back(
            {.name = "auth.revocations", .every = look_at_other_nodes_every, .run = [this](store::Tx& tx) {
                 state_->revocations.load_recent(tx);
                 return false;
             }});
    }
    return schedules;
}

std::string Auth::seal_token(std::string_view token) const {
    return seal_letter_token(state_->settings.secret, token);
}

std::optional<std::string> Auth::unseal_token(std::string_view sealed) const {
    return unseal_letter_token(state_->settings.secret, sealed);
}

boost::asio::awaitable<core::Result<void>> Auth::prove_password(core::UserId user,
                                                                core::PasswordAttempt password) {
    auto proven = co_await state_->own_password.prove(user, std::move(password));
    if (!proven) co_return std::unexpected(std::move(proven.error()));
    co_return core::Result<void>{};
}

boost::asio::awaitable<core::Result<std::string>> Auth::hash_password(core::Password password,
                                                                      std::string email, std::string name,
                                                                      std::string field) {
    auto allowed = check_password(password, email, name, field, state_->settings.password_length_min);
    if (!allowed) co_return std::unexpected(std::move(allowed.error()));
    auto hash = co_await state_->hasher.hash(password.reveal());
    co_return hash;
}

void Auth::end_sessions(store::Tx& tx, core::UserId user, std::optional<core::SessionId> except,
                        std::string_view reason) const {
    state_->sessions.revoke_all(tx, user, except, reason);
}

void Auth::forget_failed_log_ins(store::Tx& tx, const core::Email& email) const {
    forget_tries(tx, password_subject(email));
}

Auth::NewSigningKey Auth::rotate_signing_key() {
    auto work = [this](store::Tx& tx) { return auth::rotate_signing_key(tx, state_->settings.secret); };
    auto next = core::or_throw(store::write_now(state_->database, work), "The new key can't be stored");
    return {next.key.kid(), next.signs_from};
}

core::Result<users::Profile> Auth::create_user_with_password(const NewAccount& account) {
    auto allowed = check_password(account.password, account.email.text(), account.name.text(), "password",
                                  state_->settings.password_length_min);
    if (!allowed) return std::unexpected(std::move(allowed.error()));
    std::string hash = state_->hasher.hash_now(account.password.reveal());
    return store::write_now(state_->database, [&](store::Tx& tx) {
        return users::create_user(
            tx, {.email = account.email, .name = account.name, .password_hash = hash, .role = account.role});
    });
}

}  // namespace auth
