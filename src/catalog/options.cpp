#include "catalog/options.hpp"

#include "core/json_write.hpp"

#include <boost/json/parse.hpp>

#include <set>

namespace catalog {
namespace {

constexpr std::size_t attribute_name_length_max = 100;

}  // namespace

TextMap text_map_from_row(std::string_view json) {
    TextMap map;
    if (json == "{}") return map;
    boost::json::value document = boost::json::parse(json);
    for (const auto& entry : document.as_object())
        map.emplace(entry.key(), entry.value().as_string());
    return map;
}

std::vector<ProductOption> options_from_row(std::string_view json) {
    std::vector<ProductOption> options;
    if (json == "[]") return options;
    boost::json::value document = boost::json::parse(json);
    for (const auto& item : document.as_array()) {
        ProductOption& option = options.emplace_back();
        option.name = item.at("name").as_string();
        for (const auto& value : item.at("values").as_array())
            option.values.emplace_back(value.as_string());
    }
    return options;
}

std::string attribute_pair(std::string_view name, std::string_view value) {
    std::string pair(name);
    pair += '\n';
    pair += value;
    return pair;
}

std::vector<std::string> attribute_pairs(const TextMap& attributes,
                                         const std::vector<ProductOption>& options) {
    std::set<std::string> pairs;
    for (const auto& [name, value] : attributes)
        pairs.insert(attribute_pair(name, value));
    for (const ProductOption& option : options) {
        for (const std::string& value : option.values)
            pairs.insert(attribute_pair(option.name, value));
    }
    return {pairs.begin(), pairs.end()};
}

core::Result<std::vector<ProductOption>> check_options(const std::vector<NewOption>& options) {
    if (options.size() > options_per_product_max) {
        return core::fail_field("/options", "too_long",
                                "must be at most " + std::to_string(options_per_product_max) + " options");
    }
    std::vector<ProductOption> checked;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < options.size(); ++i) {
        const std::string field = "/options/" + std::to_string(i);
        if (!names.insert(options[i].name.text()).second) {
            return core::fail_field(field + "/name", "duplicate", "is the name of two options");
        }
        if (options[i].values.empty() || options[i].values.size() > values_per_option_max) {
            return core::fail_field(field + "/values", options[i].values.empty() ? "too_short" : "too_long",
                                    "must be 1 to " + std::to_string(values_per_option_max) + " values");
        }
        ProductOption& option = checked.emplace_back();
        option.name = options[i].name.text();
        for (const OptionValue& value : options[i].values) {
            if (std::ranges::find(option.values, value.text()) != option.values.end()) {
                return core::fail_field(field + "/values", "duplicate", "has '" + value.str() + "' twice");
            }
            option.values.emplace_back(value.text());
        }
    }
    return checked;
}

core::Result<TextMap> check_attributes(const std::map<std::string, AttributeValue>& attributes) {
    if (attributes.size() > attributes_per_product_max) {
        return core::fail_field(
            "/attributes", "too_long",
            "must be at most " + std::to_string(attributes_per_product_max) + " attributes");
    }
    TextMap checked;
    for (const auto& [name, value] : attributes) {
        if (auto refusal = core::refuse_text(name, 1, attribute_name_length_max)) {
            return core::fail_field("/attributes", refusal->code, "has a name that " + refusal->message);
        }
        checked.emplace(name, value.text());
    }
    return checked;
}

core::Result<TextMap> check_variant_options(const std::vector<ProductOption>& options,
                                            const std::map<std::string, OptionValue>& values,
                                            const std::string& field) {
    TextMap checked;
    for (const ProductOption& option : options) {
        auto value = values.find(option.name);
        if (value == values.end()) {
            return core::fail_field(field, "required", "must have a value for '" + option.name + "'");
        }
        if (std::ranges::find(option.values, value->second.text()) == option.values.end()) {
            return core::fail_field(
                field, "invalid_value",
                "'" + value->second.str() + "' is not a value of the product's '" + option.name + "'");
        }
        checked.emplace(option.name, value->second.text());
    }
    if (values.size() > checked.size()) {
        auto unknown =
            std::ranges::find_if(values, [&](const auto& entry) { return !checked.contains(entry.first); });
        return core::fail_field(field, "invalid_value",
                                "'" + unknown->first + "' is not an option of the product");
    }
    return checked;
}

std::string joined_values(const std::vector<ProductOption>& options, const TextMap& values) {
    std::string joined;
    for (const ProductOption& option : options) {
        auto value = values.find(option.name);
        if (value == values.end()) continue;
        if (!joined.empty()) joined += " / ";
        joined += value->second;
    }
    return joined;
}

}  // namespace catalog
