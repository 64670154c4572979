// How a setting is declared. Only for the files that hold the table of them: config.cpp and
// backup_settings.cpp.
#pragma once

#include "app/config.hpp"

#include <cstdint>
#include <type_traits>

namespace app {

// Throws std::invalid_argument: "must be …".
[[noreturn]] void refuse(const std::string& expected);
std::uint64_t to_number(const std::string& text, std::uint64_t min, std::uint64_t max);

// A setting that is a whole number within [min, max], put where `member(config)` says.
template <class Member>
Setting number(std::string name, std::uint64_t fallback, std::uint64_t min, std::uint64_t max,
               std::string help, Member member) {
    auto apply = [=](Config& config, const std::string& text) {
        auto& target = member(config);
        target = std::remove_reference_t<decltype(target)>(to_number(text, min, max));
    };
    return {std::move(name), std::to_string(fallback), std::move(help), false, apply};
}

Setting text(std::string name, std::string fallback, std::string help,
             std::function<void(Config&, const std::string&)> apply, bool secret = false);

std::vector<Setting> backup_settings();

}  // namespace app
