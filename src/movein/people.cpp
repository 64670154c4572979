// Accounts, and the addresses that orders name.
#include "movein/translate.hpp"

#include "auth/auth.hpp"

namespace movein {
namespace {

constexpr std::string_view unknown_place = "-";  // what an old address doesn't say

bool is_country_code(std::string_view text) {
    return core::CountryCode::from_text(text).has_value();
}

std::string upper_case(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    return text;
}

// As the mapping says, else as a code; without one, the shop's own country.
std::string country_of(const Fields& fields, const Mapping& mapping, std::string_view called) {
    const std::string said = fields.text("country");
    if (said.empty() && mapping.country) return std::string(mapping.country->text());
    if (auto named = mapping.countries.find(said); named != mapping.countries.end())
        return std::string(named->second.text());
    if (const std::string code = upper_case(said); is_country_code(code)) return code;
    fields.error(
        "country_unknown",
        std::string(called) +
            (said.empty()
                 ? " has no country: say which one the shop is in, as \"country\": \"DE\" in "
                   "the mapping"
                 : " has the country '" + said + "', which is no code of ISO 3166: add \"countries\": {\"" +
                       said + "\": \"…\"} to the mapping"));
    return {};
}

std::string person_in(const Fields& fields) {
    std::string name = fields.text("name");
    if (!name.empty()) return name;
    name = fields.text("first_name");
    const std::string last = fields.text("last_name");
    if (!name.empty() && !last.empty()) name += ' ';
    return name + last;
}

}  // namespace

Translated translate_user(const boost::json::object& document, const Vocabulary& words,
                          std::string_view old_id) {
    Translated user;
    const Fields fields(document, words.users, user.remarks);
    if (fields.flag("blocked").value_or(false)) {
        fields.note("blocked", "The account is blocked or deleted there");
        user.left_out = true;
        return user;
    }
    user.wanted["email"] = fields.text("email");
    // A name may be one text or several; only a text is this one.
    const auto* name = fields.any("name");
    if (name && name->is_string() && !fields.text("name").empty()) user.wanted["name"] = fields.text("name");
    for (const char* member : {"first_name", "last_name", "username", "phone"}) {
        if (std::string text = fields.text(member); !text.empty()) user.wanted[member] = text;
    }
    if (const std::string hash = fields.text("password_hash"); auth::is_password_hash(hash)) {
        user.wanted["password_hash"] = hash;
    } else if (!hash.empty()) {
        fields.note(
            "password_left_out",
            "The password isn't kept as bcrypt (cost 10 to 14) or Argon2id: the account comes without, "
            "its owner sets one by letter");
    }
    if (fields.flag("email_verified").value_or(false)) user.wanted["email_verified"] = true;
    auto created = fields.time("created_at");
    if (!created) created = time_of_object_id(old_id);
    if (created) user.wanted["created_at"] = core::to_rfc3339(*created);
    return user;
}

std::optional<boost::json::object> translate_address(const boost::json::object& document,
                                                     const Mapping& mapping, const Names& names,
                                                     std::string_view called, Remarks& remarks) {
    const Fields fields(document, names, remarks);
    boost::json::object address;
    address["country"] = country_of(fields, mapping, called);
    if (address["country"].get_string().empty()) return {};
    const std::string person = person_in(fields);
    address["name"] = person.empty() ? std::string(unknown_place) : person;
    for (const char* member : {"line1", "city", "postal_code"}) {
        const std::string text = fields.text(member);
        address[member] = text.empty() ? std::string(unknown_place) : text;
    }
    for (const char* member : {"company", "line2", "region", "phone"}) {
        if (std::string text = fields.text(member); !text.empty()) address[member] = text;
    }
    return address;
}

}  // namespace movein
