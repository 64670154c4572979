#include "auth/password_policy.hpp"

#include "auth/frequent_passwords.hpp"
#include "auth/password_text.hpp"

#include <algorithm>

namespace auth {
namespace {

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return lower;
}

// "aaaaaaaa", "12345678", "hgfedcba": every step from one byte to the next is the same.
bool is_one_run(std::string_view text) {
    int step = text[1] - text[0];
    if (step < -1 || step > 1) return false;
    for (std::size_t i = 2; i < text.size(); ++i) {
        if (text[i] - text[i - 1] != step) return false;
    }
    return true;
}

}  // namespace

core::Result<void> check_password(const core::Password& password, std::string_view email,
                                  std::string_view name, std::string_view field, std::size_t length_min) {
    if (core::count_code_points(password.reveal()) < length_min) {
        return core::fail_field(std::string(field), "too_short",
                                "must have at least " + std::to_string(length_min) + " characters");
    }
    auto refused = [&](const char* why) { return core::fail_field(std::string(field), "too_easy", why); };
    std::string text = lowered(normalized(password.reveal()));
    std::string address = lowered(email);
    if (text == address || text == address.substr(0, address.find('@')) || text == lowered(name)) {
        return refused("must not be the e-mail address or the name");
    }
    if (is_frequent_password(text))
        return refused("must not be one of the passwords that everybody tries first");
    if (is_one_run(text)) return refused("must not be one character or one run of characters");
    return {};
}

}  // namespace auth
