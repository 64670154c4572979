// Vendure's product import file: the product's row carries its first variant; lists are parted by `|`, facets
// are `name:value`, cells are padded with spaces.
#include "bulk/table.hpp"

#include <set>

namespace bulk {
namespace {

constexpr std::string_view columns[] = {"name",   "slug",         "description",  "assets",
                                        "facets", "optionGroups", "optionValues", "sku",
                                        "price",  "stockOnHand"};
constexpr std::string_view category_facet = "category";
constexpr std::string_view brand_facet = "brand";

bool recognises(const Header& header) {
    return header.has("name") && header.has("optionGroups") && header.has("stockOnHand");
}

bool belongs(const Row&, const Row& row) {
    return row.at("name").empty();
}

bool knows(std::string_view column) {
    return std::ranges::find(columns, column) != std::end(columns);
}

std::string capitalised(std::string name) {
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

// Its categories are one path, from the widest to the narrowest; further facets become attributes.
void read_facets(CellReader& cells, const Row& row, catalog::PutProduct& product) {
    std::vector<std::string> categories;
    std::map<std::string, std::string> attributes;
    for (const std::string& facet : split_list(row.at("facets"), '|')) {
        const std::size_t colon = facet.find(':');
        const std::string name = facet.substr(0, colon);
        const std::string value(
            trimmed(colon == facet.npos ? "" : std::string_view(facet).substr(colon + 1)));
        if (value.empty()) {
            cells.note(row.line, "facet_unread",
                       "The facet '" + facet + "' isn't `name:value` and is left out");
        } else if (name == category_facet) {
            categories.push_back(value);
        } else if (name == brand_facet) {
            product.brand = {true, cells.checked<catalog::Brand>(row.line, "facets", value)};
        } else {
            std::string& joined = attributes[capitalised(name)];
            joined += (joined.empty() ? "" : ", ") + value;
        }
    }
    product.categories.emplace();
    if (!categories.empty()) {
        auto path =
            cells.checked<core::Text<1, 2000>>(row.line, "facets", catalog::path_of_names(categories));
        if (path) product.categories->push_back(std::move(*path));
    }
    product.attributes.emplace();
    for (const auto& [name, value] : attributes) {
        auto checked = cells.checked<catalog::AttributeValue>(row.line, "facets", value);
        if (checked) product.attributes->emplace(name, std::move(*checked));
    }
}

void read_product(CellReader& cells, const Row& row, catalog::PutProduct& product) {
    product.slug = cells.value<core::Slug>(row, "slug");
    product.title = cells.value<catalog::Title>(row, "name");
    product.description =
        cells.value<catalog::Description>(row, "description").value_or(catalog::Description());
    product.status = catalog::ProductStatus::active;
    for (const std::string& asset : split_list(row.at("assets"), '|')) {
        auto url = cells.checked<core::Text<1, 2000>>(row.line, "assets", asset);
        if (url) product.images.push_back({std::move(*url), {}});
    }
    for (const std::string& group : split_list(row.at("optionGroups"), '|')) {
        auto name = cells.checked<core::Text<1, 50>>(row.line, "optionGroups", capitalised(group));
        if (name) product.options.push_back({std::move(*name), {}});
    }
    read_facets(cells, row, product);
}

std::map<std::string, catalog::OptionValue> options_of(CellReader& cells, const Row& row,
                                                       std::vector<catalog::NewOption>& options) {
    std::map<std::string, catalog::OptionValue> chosen;
    const auto values = split_list(row.at("optionValues"), '|');
    if (values.size() != options.size()) {
        cells.error(
            row.line, "wrong_options",
            "optionValues must be " + std::to_string(options.size()) + ", as optionGroups has so many");
        return chosen;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto value = cells.checked<catalog::OptionValue>(row.line, "optionValues", values[i]);
        if (!value) continue;
        if (std::ranges::find(options[i].values, *value) == options[i].values.end())
            options[i].values.push_back(*value);
        chosen.emplace(options[i].name.str(), std::move(*value));
    }
    return chosen;
}

// One product of their demo gives all its variants the same SKU.
std::string distinct_sku(CellReader& cells, const Row& row, const std::set<std::string>& taken,
                         const std::map<std::string, catalog::OptionValue>& options) {
    std::string sku(row.at("sku"));
    if (!taken.contains(sku)) return sku;
    std::string made = sku;
    for (const auto& [name, value] : options)
        made += "-" + value.str();
    cells.note(row.line, "sku_made", "The SKU " + sku + " is another variant's: this one got " + made);
    return made;
}

void read(std::span<const Row> rows, const Assumptions& assumptions, Draft& draft) {
    CellReader cells(draft, assumptions);
    read_product(cells, rows.front(), draft.product);
    std::set<std::string> skus;
    for (const Row& row : rows) {
        auto options = options_of(cells, row, draft.product.options);
        const std::string text = distinct_sku(cells, row, skus, options);
        auto sku = cells.checked<catalog::Sku>(row.line, "sku", text);
        if (!sku) {
            if (text.empty()) cells.error(row.line, "required", "sku is required");
            continue;
        }
        skus.insert(text);
        catalog::PutVariant variant;
        variant.sku = std::move(*sku);
        variant.options = std::move(options);
        variant.price = cells.price(row, "price", "");
        variant.on_hand = cells.value<catalog::Units>(row, "stockOnHand");
        draft.product.variants.push_back(std::move(variant));
        draft.variant_lines.push_back(row.line);
    }
}

}  // namespace

const Dialect vendure_csv{"Vendure CSV", true, recognises, belongs, read, knows, false};

}  // namespace bulk
