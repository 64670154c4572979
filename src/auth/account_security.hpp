// What people do about their own credentials while they are signed in: another password, an authenticator
// app, recovery codes, a proof for what asks for one. Coroutines, as in sign_in.hpp. Called by
// account_routes.cpp.
#pragma once

#include "auth/own_password.hpp"
#include "auth/passkeys.hpp"
#include "auth/second_factors.hpp"
#include "auth/sessions.hpp"

#include "http/api.hpp"

namespace auth {

struct PasswordChange {
    core::PasswordAttempt current_password;
    core::Password new_password;
};
BOOST_DESCRIBE_STRUCT(PasswordChange, (), (current_password, new_password))

struct PasswordProof {
    core::PasswordAttempt password;
};
BOOST_DESCRIBE_STRUCT(PasswordProof, (), (password))

struct CodeProof {
    CodeText code;
};
BOOST_DESCRIBE_STRUCT(CodeProof, (), (code))

struct FullProof {
    core::PasswordAttempt password;
    CodeText code;
};
BOOST_DESCRIBE_STRUCT(FullProof, (), (password, code))

// One of the three.
struct StepUp {
    std::optional<core::PasswordAttempt> password;
    std::optional<CodeText> code;
    std::optional<boost::json::value> credential;  // a passkey's answer to /v1/auth/passkeys/login/begin
};
BOOST_DESCRIBE_STRUCT(StepUp, (), (password, code, credential))

struct TotpConfirmed {
    std::vector<std::string> recovery_codes;  // shown once
    std::string access_token;                 // of the same session, which has given a second factor now
    std::string token_type = "Bearer";
    std::int64_t expires_in = 0;
};
BOOST_DESCRIBE_STRUCT(TotpConfirmed, (), (recovery_codes, access_token, token_type, expires_in))

struct NewRecoveryCodes {
    std::vector<std::string> recovery_codes;
};
BOOST_DESCRIBE_STRUCT(NewRecoveryCodes, (), (recovery_codes))

class AccountSecurity {
public:
    AccountSecurity(const Settings& settings, store::Database& database, PasswordHasher& hasher,
                    const Sessions& sessions, const SecondFactors& factors, const Passkeys& passkeys)
        : settings_(settings),
          database_(database),
          hasher_(hasher),
          own_password_(database, hasher),
          sessions_(sessions),
          factors_(factors),
          passkeys_(passkeys) {}

    template <class T>
    using Answer = boost::asio::awaitable<core::Result<T>>;

    // Ends every other session of the account. Errors: invalid_credentials, validation_failed.
    Answer<http::Nothing> change_password(core::Caller caller, PasswordChange request);

    // An authenticator app's secret, pending until confirm_totp(). Errors: invalid_credentials, conflict.
    Answer<TotpEnrolment> begin_totp(core::Caller caller, PasswordProof request);
    // From now on log-ins ask for a code; other sessions end (SE-10). Errors: not_found, invalid_credentials.
    Answer<TotpConfirmed> confirm_totp(core::Caller caller, CodeProof request);
    // Errors: invalid_credentials, not_found.
    Answer<http::Nothing> remove_totp(core::Caller caller, FullProof request);
    Answer<NewRecoveryCodes> renew_recovery_codes(core::Caller caller, CodeProof request);

    // A new access token for the session, whose holder has just proved who they are: by a code or a passkey
    // for what asks for a second factor, by those or the password for the rest.
    Answer<FreshToken> step_up(core::Caller caller, StepUp request);

private:
    core::Result<FreshToken> prove(store::Tx& tx, const core::Caller& caller, const StepUp& request) const;

    const Settings& settings_;
    store::Database& database_;
    PasswordHasher& hasher_;
    OwnPassword own_password_;
    const Sessions& sessions_;
    const SecondFactors& factors_;
    const Passkeys& passkeys_;
};

}  // namespace auth
