// What an account proves itself with besides the password: codes of an authenticator app and recovery codes
// (SE-6, SE-7). Synchronous rules over a transaction.
#pragma once

#include "auth/settings.hpp"

#include "core/text.hpp"
#include "store/tx.hpp"
#include "users/users.hpp"

namespace auth {

// Six digits, or a recovery code as it was shown; spaces and hyphens don't matter.
using CodeText = core::Text<1, 64>;

// What an authenticator app takes over; shown once.
struct TotpEnrolment {
    std::string secret;  // base32
    std::string otpauth_url;
    std::string qr_svg;
    std::string qr_png;  // a data URI
};
BOOST_DESCRIBE_STRUCT(TotpEnrolment, (), (secret, otpauth_url, qr_svg, qr_png))

struct SecondFactorList {
    bool totp = false;
    std::int64_t recovery_codes_left = 0;
};
BOOST_DESCRIBE_STRUCT(SecondFactorList, (), (totp, recovery_codes_left))

class SecondFactors {
public:
    explicit SecondFactors(const Settings& settings) : settings_(settings) {}

    SecondFactorList list(store::Tx& tx, core::UserId user) const;
    // How the account may answer a challenge, as API.md names it; nothing: its password is enough.
    std::vector<std::string> methods(store::Tx& tx, core::UserId user) const;

    // A new secret, pending until confirm(). Errors: conflict if the account has a confirmed one.
    core::Result<TotpEnrolment> enrol(store::Tx& tx, const users::Profile& user) const;
    // Returns the first recovery codes. Errors: not_found without a pending secret, invalid_credentials for a
    // wrong code.
    core::Result<std::vector<std::string>> confirm(store::Tx& tx, core::UserId user,
                                                   const CodeText& code) const;
    // Forgets the secret and the recovery codes. Errors: not_found.
    core::Result<void> remove(store::Tx& tx, core::UserId user) const;
    // The old ones are void then.
    std::vector<std::string> renew_recovery_codes(store::Tx& tx, core::UserId user) const;

    // Takes a try, and uses the code up if it is right. Errors, which must be committed (decide.hpp):
    // rate_limited, invalid_credentials.
    core::Result<void> spend_code(store::Tx& tx, core::UserId user, const CodeText& code) const;

private:
    bool spend_totp(store::Tx& tx, core::UserId user, std::string_view digits) const;
    bool spend_recovery_code(store::Tx& tx, core::UserId user, std::string_view code) const;
    std::optional<std::string> open(core::UserId user, std::string_view sealed_secret) const;
    Secret secret_key(core::UserId user) const;
    std::string recovery_hash(core::UserId user, std::string_view code) const;

    const Settings& settings_;
};

}  // namespace auth
