#include "mail/message.hpp"

#include <sodium.h>

#include <algorithm>
#include <ctime>

namespace mail {
namespace {

constexpr std::size_t line_bytes_max = 480;  // encoded, 11 words of 72: under the 998 of RFC 5322 §2.1.1
constexpr std::size_t word_bytes_max = 45;   // 60 of base64 and 12 of frame, under the 75 of RFC 2047 §2

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The first `bytes_max` bytes or less, no character cut in two.
std::string_view front_of(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && is_continuation(text[end]))
        --end;
    return text.substr(0, end);
}

std::string base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // its NUL
    return text;
}

// Letters, digits, spaces and what means nothing in a header.
bool is_plain(char c) {
    constexpr std::string_view harmless = " !#$%&'*+-./^_`{|}~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           harmless.find(c) != std::string_view::npos;
}

// "Sun, 22 Nov 2026 20:30:00 +0000" (RFC 5322 §3.3).
std::string date_of(core::Time time) {
    std::time_t seconds = time.ms / 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &parts)};
}

}  // namespace

OneLine::OneLine(std::string_view text) : text_(front_of(text, line_bytes_max)) {
    for (char& c : text_) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
}

std::string OneLine::encoded() const {
    if (std::ranges::all_of(text_, is_plain)) return text_;
    std::string words;
    for (std::string_view rest = text_; !rest.empty();) {
        std::string_view front = front_of(rest, word_bytes_max);
        if (!words.empty()) words += ' ';
        words += "=?UTF-8?B?" + base64(front) + "?=";
        rest.remove_prefix(front.size());
    }
    return words;
}

std::vector<std::string> Message::headers() const {
    std::string domain = from.str().substr(from.str().rfind('@') + 1);
    return {"From: " + from_name.encoded() + " <" + from.str() + ">",
            "To: <" + to.str() + ">",
            "Subject: " + subject.encoded(),
            "Date: " + date_of(written_at),
            "Message-ID: <" + id + "@" + domain + ">",
            "Auto-Submitted: auto-generated"};
}

}  // namespace mail
