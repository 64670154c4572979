#include "core/time.hpp"

#include <charconv>
#include <cstdio>

namespace core {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Reads exactly `width` digits at `at`, moving it past them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t width) {
    if (at + width > text.size()) return {};
    int value = 0;
    for (std::size_t i = 0; i < width; ++i, ++at) {
        if (text[at] < '0' || text[at] > '9') return {};
        value = value * 10 + (text[at] - '0');
    }
    return value;
}

bool literal(std::string_view text, std::size_t& at, char expected) {
    if (at >= text.size() || text[at] != expected) return false;
    ++at;
    return true;
}

std::optional<int> fraction_ms(std::string_view text, std::size_t& at) {
    if (at >= text.size() || text[at] != '.') return 0;
    ++at;
    int ms = 0;
    int weight = 100;
    std::size_t first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        ms += (text[at] - '0') * weight;
        weight /= 10;
    }
    if (at == first) return {};
    return ms;
}

std::optional<int> offset_minutes(std::string_view text, std::size_t& at) {
    if (at >= text.size()) return {};
    char sign = text[at++];
    if (sign == 'Z' || sign == 'z') return 0;
    if (sign != '+' && sign != '-') return {};
    auto hours = digits(text, at, 2);
    if (!hours || !literal(text, at, ':')) return {};
    auto minutes = digits(text, at, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return {};
    int total = *hours * 60 + *minutes;
    return sign == '-' ? -total : total;
}

}  // namespace

void append_rfc3339(std::string& out, Time time) {
    auto since_epoch = milliseconds{time.ms};
    auto day = std::chrono::floor<days>(since_epoch);
    year_month_day date{sys_days{day}};
    auto of_day = static_cast<unsigned>((since_epoch - day).count());
    unsigned seconds = of_day / 1000;
    auto two = [](char* to, unsigned value) {
        to[0] = static_cast<char>('0' + value / 10);
        to[1] = static_cast<char>('0' + value % 10);
    };
    auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    char text[] = "0000-00-00T00:00:00.000Z";
    two(text, year / 100 % 100);
    two(text + 2, year % 100);
    two(text + 5, static_cast<unsigned>(date.month()));
    two(text + 8, static_cast<unsigned>(date.day()));
    two(text + 11, seconds / 3600);
    two(text + 14, seconds / 60 % 60);
    two(text + 17, seconds % 60);
    text[20] = static_cast<char>('0' + of_day % 1000 / 100);
    two(text + 21, of_day % 100);
    out.append(text, sizeof text - 1);
}

std::string to_rfc3339(Time time) {
    std::string out;
    append_rfc3339(out, time);
    return out;
}

std::optional<Time> from_rfc3339(std::string_view text) {
    std::size_t at = 0;
    auto year = digits(text, at, 4);
    if (!year || !literal(text, at, '-')) return {};
    auto month = digits(text, at, 2);
    if (!month || !literal(text, at, '-')) return {};
    auto day = digits(text, at, 2);
    if (!day || at >= text.size() || (text[at] != 'T' && text[at] != 't')) return {};
    ++at;
    auto hour = digits(text, at, 2);
    if (!hour || !literal(text, at, ':')) return {};
    auto minute = digits(text, at, 2);
    if (!minute || !literal(text, at, ':')) return {};
    auto second = digits(text, at, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 59) return {};
    auto ms = fraction_ms(text, at);
    if (!ms) return {};
    auto offset = offset_minutes(text, at);
    if (!offset || at != text.size()) return {};
    year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return {};
    auto instant = sys_days{date}.time_since_epoch() + std::chrono::hours{*hour} +
                   std::chrono::minutes{*minute - *offset} + std::chrono::seconds{*second} +
                   milliseconds{*ms};
    return Time{std::chrono::duration_cast<milliseconds>(instant).count()};
}

}  // namespace core
