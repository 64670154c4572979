// Any header over a body: without the secret nobody makes one that counts. Behind the header of a real one,
// whatever else it holds doesn't matter unless it tells another time.
#include "payments/stripe_signature.hpp"

#include <cstdlib>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view header(reinterpret_cast<const char*>(data), size);
    const std::vector<std::string> secrets{"whsec_one", "whsec_two"};
    constexpr core::Time then{1'492'774'577'000};
    if (payments::is_signed(header, "{}", secrets, then)) std::abort();
    // HMAC-SHA256 of "1492774577.{}" under whsec_two.
    const std::string real =
        "t=1492774577,v1=eb061dcc8a052581e3c2a755ec0e61e82607bed8c2d8eb5ca02350054125effb";
    if (!payments::is_signed(real, "{}", secrets, then)) std::abort();
    if (payments::is_signed(real, header, secrets, then) && header != "{}") std::abort();
    if (header.find("t=") == std::string_view::npos &&
        !payments::is_signed(real + ",v0=" + std::string(header.substr(0, header.find(','))), "{}", secrets,
                             then))
        std::abort();
    return 0;
}
