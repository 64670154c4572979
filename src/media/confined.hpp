// Runs another program on files that strangers made: with little memory and time, without a network, without
// our environment. Only for this folder's own .cpp files.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace media {

struct Confinement {
    std::size_t memory_bytes_max = 0;
    std::size_t file_bytes_max = 0;  // of each file it writes
    std::chrono::milliseconds time_max{};
};

enum class Ending { good, bad, out_of_time };

// Waits for its end. `words.front()` is looked for in /usr/bin. What it prints goes nowhere. Throws
// std::system_error if it can't be started at all.
Ending run_confined(const std::vector<std::string>& words, const std::filesystem::path& folder,
                    const Confinement& confinement);

}  // namespace media
