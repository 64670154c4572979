// Which addresses a country's post can deliver to, out of the table in data/.
#include "users/users.hpp"

#include <boost/regex.hpp>

#include <algorithm>
#include <map>

// Tab-separated values; the assembler includes them as they are (see http/docs_assets.cpp).
__asm__(
    ".pushsection .rodata\n.global kontor_address_rules\nkontor_address_rules:\n"
    ".incbin \"" KONTOR_ADDRESS_RULES
    "\"\n.global kontor_address_rules_end\nkontor_address_rules_end:\n.byte 0\n.popsection\n");
extern "C" const char kontor_address_rules[];
extern "C" const char kontor_address_rules_end[];

namespace users {
namespace {

struct Rule {
    bool needs_region = false;
    std::optional<boost::regex> postal_code;  // none: the country has no postal codes
    std::string example;
};

std::string_view take(std::string_view& rest, char end) {
    std::string_view part = rest.substr(0, rest.find(end));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
}

std::map<std::string, Rule, std::less<>> read_rules() {
    std::map<std::string, Rule, std::less<>> rules;
    std::string_view rest(kontor_address_rules, kontor_address_rules_end);
    while (!rest.empty()) {
        std::string_view line = take(rest, '\n');
        if (line.starts_with('#')) continue;
        std::string_view country = take(line, '\t');
        Rule& rule = rules[std::string(country)];
        rule.needs_region = take(line, '\t') == "region";
        std::string pattern(take(line, '\t'));
        if (!pattern.empty()) {
            rule.postal_code.emplace(pattern, boost::regex::perl | boost::regex::icase);
        }
        rule.example = line;
    }
    return rules;
}

const Rule* find_rule(std::string_view country) {
    static const auto rules = read_rules();
    auto found = rules.find(country);
    return found == rules.end() ? nullptr : &found->second;
}

}  // namespace

// A postal code has 20 characters at most, so that matching it is always quick.
core::Result<void> check_by_country(const PostalAddress& address, std::string_view at) {
    auto field = [at](const char* member) { return std::string(at) + member; };
    const Rule* rule = find_rule(address.country.text());
    if (!rule)
        return core::fail_field(field("/country"), "unknown_country",
                                "There is no such country (ISO 3166-1).");
    core::Error error{core::ErrorCode::validation_failed, "The address isn't one of its country.", {}, {}};
    if (rule->needs_region && (!address.region || address.region->text().empty()))
        error.fields.push_back({field("/region"), "required", "Addresses of this country have a region."});
    if (rule->postal_code && !boost::regex_match(address.postal_code.str(), *rule->postal_code)) {
        error.fields.push_back({field("/postal_code"), "invalid_format",
                                "Postal codes of this country look like " + rule->example + "."});
    }
    if (error.fields.empty()) return {};
    return std::unexpected(std::move(error));
}

}  // namespace users
