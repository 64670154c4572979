// How long to wait before the next try of something that others refused: three times as long each time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace outbound {

struct Backoff {
    std::chrono::milliseconds first;
    std::chrono::milliseconds last;

    // `attempts`: how many have failed. With 5 s and 4 h: 5 s, 15 s, 45 s… up to four hours.
    constexpr std::chrono::milliseconds after(std::int64_t attempts) const {
        auto wait = first;
        for (std::int64_t i = 1; i < attempts && wait < last; ++i)
            wait *= 3;
        return std::min(wait, last);
    }
};

}  // namespace outbound
