// What is proven by reading an account's mailbox. Called by routes.cpp and followers.cpp.
#pragma once

#include "account/account.hpp"
#include "account/queries.hpp"

namespace account {

using queries::Purpose;
using MailTokenText = core::Text<1, 200>;

inline constexpr std::chrono::minutes reset_lifetime{30};
inline constexpr std::chrono::hours verify_lifetime{
    48};  // people confirm an address when they next read their mail
inline constexpr std::int64_t letters_per_hour_max =
    5;  // of one purpose to one account: no tool to flood a mailbox

struct ForgottenPassword {
    core::Email email;
};
BOOST_DESCRIBE_STRUCT(ForgottenPassword, (), (email))

struct PasswordReset {
    MailTokenText token;
    core::Password password;
};
BOOST_DESCRIBE_STRUCT(PasswordReset, (), (token, password))

struct EmailProof {
    MailTokenText token;
};
BOOST_DESCRIBE_STRUCT(EmailProof, (), (token))

inline constexpr std::string_view forgotten_event =
    "account.password_forgotten";  // subject: a row of the reports
inline constexpr std::string_view resend_event = "account.verification_requested";  // subject: the account

// Counts a letter that the caller's address asks for. Errors: rate_limited if it has asked for too many.
core::Result<void> count_letter(store::Tx& tx, const core::Caller& caller, const Settings& settings);

// Both: rate_limited likewise.
// Does the same whether there is such an account or not (SE-5): whether a letter goes out is decided behind
// the answer.
core::Result<http::Nothing> report_forgotten(store::Tx& tx, const core::Caller& caller,
                                             const Settings& settings, const ForgottenPassword& report);
core::Result<http::Nothing> ask_for_verification(store::Tx& tx, const core::Caller& caller,
                                                 const Settings& settings);

// Proves the account's address, or the one it is to have from now on. Errors: validation_failed for a token
// that is no good (any more), email_taken.
core::Result<http::Nothing> verify_email(store::Tx& tx, const core::Caller& caller, const EmailProof& proof);

// Sets a new password with the secret out of a letter, once; ends all sessions of the account. Errors:
// validation_failed.
boost::asio::awaitable<core::Result<http::Nothing>> reset_password(auth::Auth& auth,
                                                                   store::Database& database,
                                                                   core::Caller caller,
                                                                   PasswordReset request);

// A fresh secret for that purpose, stored hashed. Empty if the account has had enough of them for now.
std::optional<std::string> issue_token(store::Tx& tx, Purpose purpose, core::UserId user,
                                       const core::Email& email);

}  // namespace account
