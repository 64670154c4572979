// What letters about an account say. None holds a word that somebody chose who may not own the mailbox, or it
// would carry strangers' messages under the shop's name.
#pragma once

#include "mail/mail.hpp"

namespace account {

// `event` is what happened, told once. `link` is what the sealed token goes behind.
mail::Letter verification_letter(std::string event, const core::Email& to, std::string link,
                                 std::string sealed_token, core::Time good_until);
mail::Letter reset_letter(std::string event, const core::Email& to, std::string link,
                          std::string sealed_token, core::Time good_until);
mail::Letter password_changed_letter(std::string event, const core::Email& to, core::Time at);
mail::Letter new_device_letter(std::string event, const core::Email& to, core::Time at, std::string_view ip,
                               std::string_view user_agent);
// To the address that the account had before.
mail::Letter email_changed_letter(std::string event, const core::Email& to);

}  // namespace account
