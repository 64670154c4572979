#include "account/letters.hpp"

namespace account {
namespace {

using mail::Facts;
using mail::Letter;
using mail::Link;
using mail::OneLine;
using mail::Paragraph;

// "2026-11-22 20:30 UTC"
std::string shown(core::Time time) {
    std::string text = core::to_rfc3339(time).substr(0, 16);
    text[10] = ' ';
    return text + " UTC";
}

const Paragraph if_not_you{
    "If that wasn't you, reset your password now and look through your devices: somebody else has it."};

}  // namespace

Letter verification_letter(std::string event, const core::Email& to, std::string link,
                           std::string sealed_token, core::Time good_until) {
    return {
        .event = std::move(event),
        .kind = "verify_email",
        .to = to,
        .subject = OneLine("Confirm your e-mail address"),
        .blocks =
            {Paragraph{"Please confirm that this address is yours."},
             Link{"Confirm the address", std::move(link), std::move(sealed_token)},
             Paragraph{
                 "The link works once and for two days. If you have no account with us, somebody mistyped "
                 "theirs: leave this letter alone and nothing happens."}},
        .good_until = good_until};
}

Letter reset_letter(std::string event, const core::Email& to, std::string link, std::string sealed_token,
                    core::Time good_until) {
    return {
        .event = std::move(event),
        .kind = "reset_password",
        .to = to,
        .subject = OneLine("Reset your password"),
        .blocks =
            {Paragraph{"Somebody, hopefully you, asked for a new password for your account."},
             Link{"Choose a new password", std::move(link), std::move(sealed_token)},
             Paragraph{
                 "The link works once and for 30 minutes. If you didn't ask, leave this letter alone: your "
                 "password stays as it is."}},
        .good_until = good_until};
}

Letter password_changed_letter(std::string event, const core::Email& to, core::Time at) {
    return {.event = std::move(event),
            .kind = "password_changed",
            .to = to,
            .subject = OneLine("Your password was changed"),
            .blocks = {
                Paragraph{"The password of your account was changed, and its other devices were signed out."},
                Facts{{{"When", shown(at)}}}, if_not_you}};
}

Letter new_device_letter(std::string event, const core::Email& to, core::Time at, std::string_view ip,
                         std::string_view user_agent) {
    return {
        .event = std::move(event),
        .kind = "new_device",
        .to = to,
        .subject = OneLine("A new device signed in"),
        .blocks = {
            Paragraph{"Your account was signed in to from a device that it hasn't seen before."},
            Facts{{{"When", shown(at)}, {"Address", std::string(ip)}, {"Program", std::string(user_agent)}}},
            if_not_you}};
}

Letter email_changed_letter(std::string event, const core::Email& to) {
    return {
        .event = std::move(event),
        .kind = "email_changed",
        .to = to,
        .subject = OneLine("Your account has another e-mail address now"),
        .blocks = {
            Paragraph{
                "The e-mail address of your account was changed; letters go to the new one from now on."},
            Paragraph{"If that wasn't you, answer this letter or write to the shop: somebody else has your "
                      "password."}}};
}

}  // namespace account
