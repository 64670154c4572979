#include "auth/bcrypt.hpp"

#include "core/random.hpp"

#include <crypt.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace auth {
namespace {

constexpr std::size_t hash_length = 60;
constexpr std::string_view cost_min = "10";
constexpr std::string_view cost_max = "14";

bool is_bcrypt_letter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '/';
}

}  // namespace

bool is_bcrypt(const std::string& hash) {
    if (hash.size() != hash_length || hash[6] != '$') return false;
    std::string_view kind = std::string_view(hash).substr(0, 4);
    std::string_view cost = std::string_view(hash).substr(4, 2);
    if (kind != "$2a$" && kind != "$2b$" && kind != "$2y$") return false;
    bool is_number = std::ranges::all_of(cost, [](char c) { return c >= '0' && c <= '9'; });
    return is_number && cost >= cost_min && cost <= cost_max &&
           std::ranges::all_of(hash.substr(7), is_bcrypt_letter);
}

bool matches_bcrypt(const std::string& hash, const std::string& password) {
    if (!is_bcrypt(hash)) return false;
    auto data = std::make_unique<crypt_data>();  // 32 KB: too much for a stack
    const char* made = crypt_r(password.c_str(), hash.c_str(), data.get());
    return made && core::equal_in_constant_time(made, hash);
}

}  // namespace auth
