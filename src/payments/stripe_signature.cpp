#include "payments/stripe_signature.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <sodium.h>

#include <charconv>
#include <optional>
#include <vector>

namespace payments {
namespace {

constexpr std::size_t signatures_max = 10;  // Stripe sends one, two while a secret is replaced

struct Header {
    std::optional<std::int64_t> seconds;
    std::vector<std::string_view> signatures;
};

// "t=1492774577,v1=5257a8…,v0=…"; what isn't known is left out.
Header read_header(std::string_view text) {
    Header header;
    while (!text.empty()) {
        std::string_view item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), item.size() + 1));
        auto value = item.substr(std::min(item.size(), item.find('=') + 1));
        if (item.starts_with("t=")) {
            std::int64_t seconds = 0;
            auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), seconds);
            if (failed == std::errc{} && end == value.data() + value.size()) header.seconds = seconds;
        } else if (item.starts_with("v1=") && header.signatures.size() < signatures_max) {
            header.signatures.push_back(value);
        }
    }
    return header;
}

std::string signature_of(std::string_view text, std::string_view secret) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac;
    crypto_auth_hmacsha256_final(&state, mac.data());
    return core::to_hex(mac);
}

}  // namespace

bool is_signed(std::string_view header_text, std::string_view body, std::span<const std::string> secrets,
               core::Time now) {
    const Header header = read_header(header_text);
    if (!header.seconds) return false;
    constexpr std::int64_t tolerance_s = std::chrono::seconds(signature_tolerance).count();
    const std::int64_t now_s = now.ms / 1000;
    if (*header.seconds < now_s - tolerance_s || *header.seconds > now_s + tolerance_s) return false;
    const std::string text = std::to_string(*header.seconds) + "." + std::string(body);
    bool found = false;
    for (const std::string& secret : secrets) {
        const std::string expected = signature_of(text, secret);
        for (std::string_view signature : header.signatures)
            found |= core::equal_in_constant_time(signature, expected);
    }
    return found;
}

}  // namespace payments
