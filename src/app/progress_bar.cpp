#include "app/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>

namespace app {
namespace {

constexpr std::size_t width = 40;
constexpr double rate_from_s = 0.5;  // a rate over less is noise

}  // namespace

ProgressBar::ProgressBar(std::string_view things)
    : things_(things), on_terminal_(::isatty(STDERR_FILENO) == 1), began_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() {
    if (drawn_) std::cerr << "\n";
}

void ProgressBar::show(double share, std::int64_t count) {
    if (!on_terminal_) return;
    const auto done = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * width);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    std::cerr << "\r[" << std::string(done, '#') << std::string(width - done, '.') << "] "
              << static_cast<int>(share * 100) << " %  " << count << " " << things_;
    if (took.count() > rate_from_s)
        std::cerr << "  " << std::llround(static_cast<double>(count) / took.count()) << "/s";
    std::cerr << "   " << std::flush;
    drawn_ = true;
}

void ProgressBar::clear() {
    if (drawn_) std::cerr << "\r\033[K";
    drawn_ = false;
}

}  // namespace app
