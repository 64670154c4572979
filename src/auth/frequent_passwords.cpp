#include "auth/frequent_passwords.hpp"

#include "core/text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>
#include <vector>

// A JSON array; the assembler includes it as it is (see http/docs_assets.cpp).
__asm__(
    ".pushsection .rodata\n.global kontor_frequent_passwords\nkontor_frequent_passwords:\n"
    ".incbin \"" KONTOR_FREQUENT_PASSWORDS
    "\"\n.global kontor_frequent_passwords_end\nkontor_frequent_passwords_end:\n.byte 0\n.popsection\n");
extern "C" const char kontor_frequent_passwords[];
extern "C" const char kontor_frequent_passwords_end[];

namespace auth {
namespace {

constexpr std::size_t shortest_allowed = 8;  // shorter ones are refused by core::Password

std::vector<std::string> read_list() {
    auto document =
        boost::json::parse(std::string_view(kontor_frequent_passwords, kontor_frequent_passwords_end));
    std::vector<std::string> passwords;
    for (const auto& item : document.as_array()) {
        std::string_view password = item.as_string();
        if (core::count_code_points(password) >= shortest_allowed) passwords.emplace_back(password);
    }
    std::ranges::sort(passwords);
    passwords.shrink_to_fit();
    return passwords;
}

}  // namespace

bool is_frequent_password(std::string_view password) {
    static const std::vector<std::string> passwords = read_list();
    return std::ranges::binary_search(passwords, password, std::less<>{});
}

}  // namespace auth
