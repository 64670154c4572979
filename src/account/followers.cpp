// Letters that follow what happened to an account. A follower writes them, so that nobody who registers, logs
// in or asks for a reset waits for them, and so that those answers take no longer for an account that exists.
#include "account/letters.hpp"
#include "account/mailbox.hpp"

#include "core/json_read.hpp"
#include "core/log.hpp"

namespace account {
namespace {

constexpr std::int64_t swept_at_once = 500;
// A server that stood still for longer, or learns to write letters only now, doesn't write about the past.
constexpr std::chrono::hours news_for{24};

// One event and who writes about it.
struct Correspondence {
    store::Tx& tx;
    const store::Event& event;
    const Settings& settings;
    const auth::Auth& auth;

    std::string name() const { return event.type + " " + std::to_string(event.id); }

    void verify(core::UserId user) const;
    void reset() const;
    void tell_of_device() const;
    void tell_of_password() const;

private:
    std::optional<users::Profile> owner() const;
    std::string text_member(std::string_view name) const;
};

core::Email address_of(const users::Profile& profile) {
    return core::Email::from_text(profile.email).value();
}

std::optional<users::Profile> Correspondence::owner() const {
    auto user = core::UserId::from_text(event.subject);
    if (!user) return {};
    auto profile = users::get_profile(tx, *user);
    if (!profile) return {};  // erased since
    return std::move(*profile);
}

std::string Correspondence::text_member(std::string_view member) const {
    auto payload = core::parse_json(event.payload);
    const auto* object = payload ? payload->if_object() : nullptr;
    const auto* value = object ? object->if_contains(member) : nullptr;
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// To the address that the account is to have, or to the one it has, if that is unproven.
void Correspondence::verify(core::UserId user) const {
    auto profile = users::get_profile(tx, user);
    if (!profile || (profile->email_verified && !profile->pending_email)) return;
    auto to = core::Email::from_text(profile->pending_email.value_or(profile->email)).value();
    auto token = issue_token(tx, Purpose::verify, user, to);
    if (!token)
        return spdlog::warn("account: {} has had enough verification letters for an hour", user.text());
    mail::queue(tx, verification_letter(name(), to, settings.links_lead_to + "/verify-email",
                                        auth.seal_token(*token), tx.now() + verify_lifetime));
}

void Correspondence::reset() const {
    auto email = queries::take_forgotten(tx, event.subject);
    if (!email || event.created_at < tx.now() - reset_lifetime) return;
    auto account = users::find_credentials(tx, *email);
    if (!account || account->disabled) return;
    auto profile = users::get_profile(tx, account->id);
    // Written as the account has it, not as somebody typed it just now: of two spellings that compare equal,
    // the mailbox of the other may be a stranger's.
    core::Email to = address_of(*profile);
    auto token = issue_token(tx, Purpose::reset, account->id, to);
    if (!token)
        return spdlog::warn("account: {} has had enough reset letters for an hour", account->id.text());
    mail::queue(tx, reset_letter(name(), to, settings.links_lead_to + "/reset-password",
                                 auth.seal_token(*token), tx.now() + reset_lifetime));
}

void Correspondence::tell_of_device() const {
    auto payload = core::parse_json(event.payload);
    const auto* object = payload ? payload->if_object() : nullptr;
    const auto* is_new = object ? object->if_contains("new_device") : nullptr;
    if (!is_new || !is_new->is_bool() || !is_new->get_bool()) return;
    if (auto profile = owner()) {
        mail::queue(tx, new_device_letter(name(), address_of(*profile), event.created_at, text_member("ip"),
                                          text_member("user_agent")));
    }
}

// Reset links that are still on their way are void, too.
void Correspondence::tell_of_password() const {
    auto profile = owner();
    if (!profile) return;
    queries::delete_tokens_of(tx, profile->id, Purpose::reset);
    mail::queue(tx, password_changed_letter(name(), address_of(*profile), event.created_at));
}

}  // namespace

std::vector<jobs::Follower> Accounts::followers() {
    auto apply = [this](store::Tx& tx, const store::Event& event) {
        Correspondence letters{tx, event, settings_, auth_};
        if (event.type == forgotten_event) return letters.reset();
        if (event.created_at < tx.now() - news_for) return;
        if (event.type == "session.started") return letters.tell_of_device();
        if (event.type == "user.password_changed") return letters.tell_of_password();
        if (auto user = core::UserId::from_text(event.subject)) letters.verify(*user);
    };
    return {{.name = "account.letters",
             .types = {"user.registered", std::string(users::email_change_event), std::string(resend_event),
                       std::string(forgotten_event), "session.started", "user.password_changed"},
             .apply = apply}};
}

std::vector<jobs::Schedule> Accounts::schedules() {
    auto sweep = [](store::Tx& tx) {
        // Ended ones still count for an hour (letters_per_hour_max).
        return queries::delete_tokens_ended_before(tx, tx.now() - std::chrono::hours(1), swept_at_once) ==
               swept_at_once;
    };
    return {{.name = "account.sweep_tokens", .every = std::chrono::minutes(10), .run = sweep},
            {.name = "account.sweep_erased", .every = std::chrono::minutes(10), .run = users::sweep_erased}};
}

}  // namespace account
