// Passkeys (SE-19): public keys that browsers and phones keep for people and unlock by finger, face or PIN.
// One signs in without a password, counts as two factors, and proves again who is there. Synchronous rules
// over a transaction.
#pragma once

#include "auth/sessions.hpp"
#include "auth/settings.hpp"
#include "auth/webauthn.hpp"

#include "core/page.hpp"
#include "http/api.hpp"

namespace auth {

using PasskeyId = core::Id<"psk">;

struct Passkey {
    PasskeyId id;
    std::string name;
    bool backed_up = false;  // it is synced: losing the device doesn't lose it
    core::Time created_at;
    std::optional<core::Time> last_used_at;
};
BOOST_DESCRIBE_STRUCT(Passkey, (), (id, name, backed_up, created_at, last_used_at))

// For navigator.credentials: `public_key` is what PublicKeyCredential.parseCreationOptionsFromJSON() or
// parseRequestOptionsFromJSON() takes.
struct PasskeyOptions {
    boost::json::object public_key;
};
BOOST_DESCRIBE_STRUCT(PasskeyOptions, (), (public_key))

// What the credential's toJSON() gives; browsers add members to it as the standard grows.
struct PasskeyRegistration {
    boost::json::value credential;
    std::optional<core::Text<1, 100>> name;
};
BOOST_DESCRIBE_STRUCT(PasskeyRegistration, (), (credential, name))

struct PasskeyLogIn {
    boost::json::value credential;
};
BOOST_DESCRIBE_STRUCT(PasskeyLogIn, (), (credential))

struct PasskeyRef {
    PasskeyId id;
};
BOOST_DESCRIBE_STRUCT(PasskeyRef, (), (id))

struct PasskeyPatch {
    PasskeyId id;
    core::Text<1, 100> name;
};
BOOST_DESCRIBE_STRUCT(PasskeyPatch, (), (id, name))

class Passkeys {
public:
    Passkeys(const Settings& settings, const Sessions& sessions) : settings_(settings), sessions_(sessions) {}

    core::Result<PasskeyOptions> begin_registration(store::Tx& tx, const core::Caller& caller) const;
    // As remove() does, it ends the account's other sessions (SE-10). Errors: validation_failed for a
    // credential that isn't one made for this challenge; conflict if it is known already or there are too
    // many.
    core::Result<Passkey> register_passkey(store::Tx& tx, const core::Caller& caller,
                                           const PasskeyRegistration& request) const;

    // For whoever has a passkey of this shop: the answer tells who it is.
    core::Result<PasskeyOptions> begin_log_in(store::Tx& tx) const;
    // Signs in with both factors. Errors, which must be committed (decide.hpp), as a challenge is taken once:
    // invalid_credentials.
    core::Result<SignedIn> log_in(store::Tx& tx, const core::Caller& caller,
                                  const PasskeyLogIn& request) const;
    // The account whose passkey answered a challenge of begin_log_in(). Errors: as of log_in().
    core::Result<core::UserId> identify(store::Tx& tx, const boost::json::value& credential) const;

    core::Result<core::List<Passkey>> list(store::Tx& tx, const core::Caller& caller) const;
    core::Result<Passkey> get(store::Tx& tx, const core::Caller& caller, const PasskeyRef& ref) const;
    core::Result<Passkey> rename(store::Tx& tx, const core::Caller& caller, const PasskeyPatch& patch) const;
    core::Result<http::Nothing> remove(store::Tx& tx, const core::Caller& caller,
                                       const PasskeyRef& ref) const;

    // Forgets challenges that nobody answered, a bounded number of them. True if there are more.
    bool sweep(store::Tx& tx) const;

private:
    std::string new_challenge(store::Tx& tx, std::string_view purpose,
                              std::optional<core::UserId> user) const;

    const Settings& settings_;
    const Sessions& sessions_;
};

}  // namespace auth
