#include "auth/totp.hpp"

#include "core/random.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <liboath/oath.h>

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace auth {
namespace {

constexpr std::int64_t step_seconds = 30;
constexpr std::int64_t steps_around = 1;

void start_liboath() {
    static const int started = oath_init();
    if (started != OATH_OK) throw std::runtime_error("liboath could not start");
}

std::string code_of(const std::string& secret, std::int64_t step) {
    char digits[totp_digits + 1];
    int done = oath_hotp_generate(secret.data(), secret.size(), static_cast<std::uint64_t>(step), totp_digits,
                                  false, OATH_HOTP_DYNAMIC_TRUNCATION, digits);
    if (done != OATH_OK) throw std::runtime_error(oath_strerror(done));
    return digits;
}

std::string percent_encoded(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace

std::string new_totp_secret() {
    auto bytes = core::random_bytes<totp_secret_bytes>();
    return {bytes.begin(), bytes.end()};
}

std::optional<std::int64_t> find_totp_step(const std::string& secret, std::string_view code, core::Time now) {
    start_liboath();
    std::int64_t present = now.ms / 1000 / step_seconds;
    std::optional<std::int64_t> found;
    for (std::int64_t step = present - steps_around; step <= present + steps_around; ++step) {
        if (core::equal_in_constant_time(code_of(secret, step), code)) found = step;
    }
    return found;
}

std::string to_base32(const std::string& bytes) {
    start_liboath();
    char* text = nullptr;
    std::size_t size = 0;
    if (oath_base32_encode(bytes.data(), bytes.size(), &text, &size) != OATH_OK) throw std::bad_alloc();
    std::string base32(text, size);
    std::free(text);
    while (base32.ends_with('='))
        base32.pop_back();
    return base32;
}

std::string otpauth_url(const std::string& secret, std::string_view shop, std::string_view account) {
    std::string issuer = percent_encoded(shop);
    return "otpauth://totp/" + issuer + ":" + percent_encoded(account) + "?secret=" + to_base32(secret) +
           "&issuer=" + issuer + "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace auth
