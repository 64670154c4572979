// How far a command has come, on one line of the terminal. Nothing where there is none: a log file needs no
// bar.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace app {

class ProgressBar {
public:
    // `things`: what is counted, "products".
    explicit ProgressBar(std::string_view things);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void show(double share, std::int64_t count);  // `share` of the whole, 0 to 1
    // Makes room for a line of text; the next show() draws the bar below it.
    void clear();

private:
    std::string_view things_;
    bool on_terminal_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point began_;
};

}  // namespace app
