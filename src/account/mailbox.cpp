#include "account/mailbox.hpp"

#include "account/letters.hpp"

#include "core/encoding.hpp"
#include "core/log.hpp"
#include "core/random.hpp"

namespace account {
namespace {

std::string hash_of(std::string_view token) {
    return core::to_hex(core::fingerprint(token));
}

core::Error worn_token() {
    return core::fail_field(
               "/token", "invalid_token",
               "This link has been used or is too old. Ask for a new letter and use the link in it.")
        .error();
}

void log_decision(std::string_view what, const core::Caller& caller, std::string_view user) {
    spdlog::info("account: {} user={} ip={} request={}", what, user.empty() ? "unknown" : user,
                 core::quoted(caller.ip), core::quoted(caller.request_id));
}

struct Resettable {
    core::UserId user;
    users::Profile profile;
};

// Whose password the token resets: its letter went to the address that the account has now.
core::Result<Resettable> find_resettable(store::Tx& tx, const std::string& hash) {
    auto row = queries::find_token(tx, hash, Purpose::reset);
    if (!row) return std::unexpected(worn_token());
    auto account = users::find_credentials(tx, row->email);
    if (!account || account->id != row->user_id || account->disabled) return std::unexpected(worn_token());
    auto profile = users::get_profile(tx, row->user_id);
    if (!profile) return std::unexpected(worn_token());
    return Resettable{row->user_id, std::move(*profile)};
}

}  // namespace

core::Result<void> count_letter(store::Tx& tx, const core::Caller& caller, const Settings& settings) {
    return auth::count_of_address(tx, "letters", caller.ip, settings.address_letters);
}

std::optional<std::string> issue_token(store::Tx& tx, Purpose purpose, core::UserId user,
                                       const core::Email& email) {
    auto an_hour_ago = tx.now() - std::chrono::hours(1);
    if (queries::count_tokens_since(tx, user, purpose, an_hour_ago) >= letters_per_hour_max) return {};
    std::string token = core::to_base64url(core::random_bytes<32>());
    auto ends_at = tx.now() + (purpose == Purpose::reset ? std::chrono::milliseconds(reset_lifetime)
                                                         : std::chrono::milliseconds(verify_lifetime));
    queries::insert_token(tx, hash_of(token), purpose, {user, email}, ends_at);
    return token;
}

core::Result<http::Nothing> report_forgotten(store::Tx& tx, const core::Caller& caller,
                                             const Settings& settings, const ForgottenPassword& report) {
    if (auto counted = count_letter(tx, caller, settings); !counted)
        return std::unexpected(std::move(counted.error()));
    auto id = queries::ForgottenId::at(tx.now());
    queries::insert_forgotten(tx, id, report.email);
    tx.append_event(std::string(forgotten_event), id.str());
    log_decision("password forgotten", caller, {});
    return http::Nothing{};
}

core::Result<http::Nothing> ask_for_verification(store::Tx& tx, const core::Caller& caller,
                                                 const Settings& settings) {
    if (auto counted = count_letter(tx, caller, settings); !counted)
        return std::unexpected(std::move(counted.error()));
    tx.append_event(std::string(resend_event), caller.user->str());
    return http::Nothing{};
}

core::Result<http::Nothing> verify_email(store::Tx& tx, const core::Caller& caller, const EmailProof& proof) {
    auto row = queries::take_token(tx, hash_of(proof.token.text()), Purpose::verify);
    if (!row) return std::unexpected(worn_token());
    auto confirmed = users::confirm_email(tx, row->user_id, row->email);
    if (!confirmed) return std::unexpected(worn_token());
    if (confirmed->replaced) {
        mail::queue(tx, email_changed_letter("user.email_changed " + hash_of(proof.token.text()),
                                             *confirmed->replaced));
        queries::delete_tokens_of(tx, row->user_id, Purpose::reset);  // they went to the old address
    }
    log_decision(confirmed->replaced ? "e-mail address changed" : "e-mail address verified", caller,
                 row->user_id.text());
    return http::Nothing{};
}

boost::asio::awaitable<core::Result<http::Nothing>> reset_password(auth::Auth& auth,
                                                                   store::Database& database,
                                                                   core::Caller caller,
                                                                   PasswordReset request) {
    const std::string hash = hash_of(request.token.text());
    auto find = [&](store::Tx& tx) { return find_resettable(tx, hash); };
    auto account = co_await store::read(database, find);
    if (!account) {
        log_decision("password reset refused", caller, {});
        co_return std::unexpected(std::move(account.error()));
    }
    const users::Profile& profile = account->profile;
    auto new_hash = co_await auth.hash_password(request.password, profile.email, profile.name, "/password");
    if (!new_hash) co_return std::unexpected(std::move(new_hash.error()));

    auto work = [&](store::Tx& tx) -> core::Result<http::Nothing> {
        auto still = find_resettable(tx, hash);
        if (!still || !queries::take_token(tx, hash, Purpose::reset)) return std::unexpected(worn_token());
        core::Email email = core::Email::from_text(still->profile.email).value();
        users::set_password_hash(tx, still->user, *new_hash);
        users::confirm_email(tx, still->user, email);  // who read the letter has the mailbox
        queries::delete_tokens_of(tx, still->user, Purpose::reset);
        auth.end_sessions(tx, still->user, {}, "password_reset");
        auth.forget_failed_log_ins(tx, email);
        tx.append_event("user.password_changed", still->user.str());
        return http::Nothing{};
    };
    auto done = co_await store::write(database, work);
    log_decision(done ? "password reset" : "password reset refused", caller, account->user.text());
    co_return done;
}

}  // namespace account
