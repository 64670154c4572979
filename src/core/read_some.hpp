// Where a reader gets its bytes: a function that fills as much of the room as it can and answers how much
// that was; 0 at the end.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <span>

namespace core {

using ReadSome = std::function<std::size_t(std::span<char> room)>;

// Of a file that can't be opened there is nothing to read.
inline ReadSome bytes_of(const std::filesystem::path& file) {
    auto in = std::make_shared<std::ifstream>(file, std::ios::binary);
    return [in](std::span<char> room) {
        in->read(room.data(), static_cast<std::streamsize>(room.size()));
        return static_cast<std::size_t>(in->gcount());
    };
}

}  // namespace core
