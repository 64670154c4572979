// Any text as an access token, and as the payload of one with our own header: none counts that wasn't signed.
// A real one counts as long as not a letter of it differs.
#include "auth/access_token.hpp"

#include "core/encoding.hpp"

#include <cstdlib>

namespace {

constexpr core::Time now{1'700'000'000'000};

struct Issued {
    auth::AccessTokens tokens{auth::Settings{}};
    std::string text;
    std::string header;

    Issued() {
        std::array<unsigned char, 32> seed{1, 2, 3};
        tokens.use({{auth::SigningKey(seed), {}, {}}});
        text = tokens.issue(
            {core::UserId::at(now), core::SessionId::at(now), core::Role::customer, {now, {}}}, now);
        header = text.substr(0, text.find('.') + 1);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const Issued real;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!real.tokens.verify(real.text, now)) std::abort();
    if (real.tokens.verify(text, now) && text != real.text) std::abort();
    const std::string signature = real.text.substr(real.text.rfind('.'));
    if (real.tokens.verify(real.header + core::to_base64url(text) + signature, now)) std::abort();
    if (size > 1) {  // one letter of the real one becomes another
        std::string changed = real.text;
        char& letter = changed[data[0] % changed.size()];
        const bool same = std::exchange(letter, static_cast<char>(data[1])) == static_cast<char>(data[1]);
        if (real.tokens.verify(changed, now).has_value() != same) std::abort();
    }
    return 0;
}
