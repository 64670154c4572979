// Whether bytes are UTF-8 (RFC 3629), told as they come: a message that can't become valid any more is
// refused at once (RFC 6455 §8.1).
#pragma once

#include <cstdint>
#include <string_view>

namespace realtime {

class Utf8Check {
public:
    // False as soon as no continuation could make it valid.
    bool add(std::string_view bytes) {
        for (char c : bytes) {
            if (!add(static_cast<unsigned char>(c))) return false;
        }
        return true;
    }
    // True if the text may end here.
    bool is_complete() const { return due_ == 0; }

    static bool is_valid(std::string_view text) {
        Utf8Check check;
        return check.add(text) && check.is_complete();
    }

private:
    bool add(unsigned char c) {
        if (due_ == 0) return begin(c);
        if (c < low_ || c > high_) return false;
        low_ = 0x80, high_ = 0xBF;
        --due_;
        return true;
    }
    // RFC 3629 §4: the first byte says how many follow and, against overlong forms, surrogates and what lies
    // beyond U+10FFFF, which second byte may.
    bool begin(unsigned char c) {
        if (c < 0x80) return true;
        if (c < 0xC2 || c > 0xF4) return false;
        due_ = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        low_ = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        high_ = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
        return true;
    }

    std::uint8_t due_ = 0;
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xBF;
};

}  // namespace realtime
