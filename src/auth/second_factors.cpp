#include "auth/second_factors.hpp"

#include "auth/mfa_queries.hpp"
#include "auth/passkey_queries.hpp"
#include "auth/qr_code.hpp"
#include "auth/sealing.hpp"
#include "auth/totp.hpp"
#include "auth/tries.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <stdexcept>

namespace auth {
namespace {

constexpr std::size_t recovery_codes = 10;
// Of 5 bits each: 120 bits, so that a quick hash is enough (ASVS 6.5.2 asks for 112).
constexpr std::size_t recovery_code_length = 24;
constexpr std::size_t recovery_group_length = 4;

core::Error wrong_code() {
    return {core::ErrorCode::invalid_credentials, "The code is wrong, or was used before.", {}, {}};
}

// Without the spaces and hyphens that people type; O, I and L as the digits that they look like (Crockford).
std::string tidied(std::string_view typed) {
    std::string code;
    for (char c : typed) {
        if (c == ' ' || c == '-') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        code += c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    return code;
}

std::string new_recovery_code() {
    std::string code;
    for (unsigned char byte : core::random_bytes<recovery_code_length>())
        code += core::crockford_alphabet[byte % core::crockford_alphabet.size()];  // 32 divides 256
    return code;
}

std::string in_groups(std::string_view code) {
    std::string shown;
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (i > 0 && i % recovery_group_length == 0) shown += '-';
        shown += code[i];
    }
    return shown;
}

bool is_totp(std::string_view code) {
    return code.size() == totp_digits &&
           std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

SecondFactorList SecondFactors::list(store::Tx& tx, core::UserId user) const {
    auto totp = queries::find_totp(tx, user);
    return {.totp = totp && totp->confirmed_at,
            .recovery_codes_left = queries::count_recovery_codes(tx, user)};
}

std::vector<std::string> SecondFactors::methods(store::Tx& tx, core::UserId user) const {
    auto totp = queries::find_totp(tx, user);
    if (!totp || !totp->confirmed_at) return {};
    std::vector<std::string> methods{"totp", "recovery_code"};
    if (queries::has_passkeys(tx, user)) methods.emplace_back("passkey");
    return methods;
}

core::Result<TotpEnrolment> SecondFactors::enrol(store::Tx& tx, const users::Profile& user) const {
    std::string secret = new_totp_secret();
    if (!queries::insert_pending_totp(tx, user.id, seal(secret_key(user.id), secret))) {
        return core::fail(
            core::ErrorCode::conflict,
            "You have an authenticator app already. Remove it first: DELETE /v1/auth/mfa/totp.");
    }
    std::string url = otpauth_url(secret, settings_.shop_name, user.email);
    return TotpEnrolment{.secret = to_base32(secret),
                         .otpauth_url = url,
                         .qr_svg = qr_svg(url),
                         .qr_png = data_uri("image/png", qr_png(url))};
}

core::Result<std::vector<std::string>> SecondFactors::confirm(store::Tx& tx, core::UserId user,
                                                              const CodeText& code) const {
    auto totp = queries::find_totp(tx, user);
    if (!totp || totp->confirmed_at) {
        return core::fail(
            core::ErrorCode::not_found,
            "No authenticator app waits for its first code. Begin with POST /v1/auth/mfa/totp.");
    }
    auto secret = open(user, totp->sealed_secret);
    auto step = find_totp_step(*secret, tidied(code.text()), tx.now());
    if (!step) return std::unexpected(wrong_code());
    if (!queries::confirm_totp(tx, user, *step)) throw store::RunAgain();
    users::set_mfa_enabled(tx, user, true);
    tx.append_event("user.mfa_enabled", user.str());
    return renew_recovery_codes(tx, user);
}

core::Result<void> SecondFactors::remove(store::Tx& tx, core::UserId user) const {
    if (!queries::delete_totp(tx, user)) return core::not_found("authenticator app");
    queries::delete_recovery_codes(tx, user);
    users::set_mfa_enabled(tx, user, false);
    tx.append_event("user.mfa_disabled", user.str());
    return {};
}

std::vector<std::string> SecondFactors::renew_recovery_codes(store::Tx& tx, core::UserId user) const {
    queries::delete_recovery_codes(tx, user);
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < recovery_codes; ++i) {
        std::string code = new_recovery_code();
        queries::insert_recovery_code(tx, recovery_hash(user, code), user);
        shown.push_back(in_groups(code));
    }
    tx.append_event("user.recovery_codes_renewed", user.str());
    return shown;
}

core::Result<void> SecondFactors::spend_code(store::Tx& tx, core::UserId user, const CodeText& code) const {
    if (auto allowed = take_try(tx, code_subject(user), code_tries); !allowed) return allowed;
    std::string typed = tidied(code.text());
    bool right = is_totp(typed) ? spend_totp(tx, user, typed) : spend_recovery_code(tx, user, typed);
    if (!right) return std::unexpected(wrong_code());
    forget_tries(tx, code_subject(user));
    return {};
}

bool SecondFactors::spend_totp(store::Tx& tx, core::UserId user, std::string_view digits) const {
    auto totp = queries::find_totp(tx, user);
    if (!totp || !totp->confirmed_at) return false;
    auto secret = open(user, totp->sealed_secret);
    auto step = find_totp_step(*secret, digits, tx.now());
    return step && queries::spend_totp_step(tx, user, *step);
}

bool SecondFactors::spend_recovery_code(store::Tx& tx, core::UserId user, std::string_view code) const {
    if (!queries::delete_recovery_code(tx, recovery_hash(user, code), user)) return false;
    tx.append_event("user.recovery_code_used", user.str());
    return true;
}

std::optional<std::string> SecondFactors::open(core::UserId user, std::string_view sealed_secret) const {
    auto secret = unseal(secret_key(user), sealed_secret);
    if (!secret) throw std::runtime_error("a TOTP secret was sealed under another secret than the server's");
    return secret;
}

// A key for each account: a sealed secret copied to another row opens nothing.
Secret SecondFactors::secret_key(core::UserId user) const {
    return derive_key(settings_.secret, "totp secret", user.text());
}

// Keyed, so that the table alone doesn't let anybody try codes against it.
std::string SecondFactors::recovery_hash(core::UserId user, std::string_view code) const {
    return core::to_hex(derive_key(settings_.secret, "recovery code", user.str() + std::string(code)));
}

}  // namespace auth
