// Spree's product export: a row for the product, then one for each variant; prices in further currencies
// stand in rows of their own, which name only slug and SKU.
#include "bulk/table.hpp"

namespace bulk {
namespace {

constexpr std::string_view custom_field_prefix = "custom_field.";
constexpr std::string_view columns[] = {
    "slug",           "sku",           "name",         "price",         "compare_at_price", "currency",
    "status",         "description",   "tags",         "category1",     "category2",        "category3",
    "option1_name",   "option1_value", "option2_name", "option2_value", "option3_name",     "option3_value",
    "image1_src",     "image2_src",    "image3_src",   "weight",        "weight_unit",      "inventory_count",
    "track_inventory"};
constexpr std::size_t categories_max = 3;
constexpr std::size_t images_max = 3;  // of a row

std::string option_name(std::size_t number) {
    return "option" + std::to_string(number) + "_name";
}
std::string option_value(std::size_t number) {
    return "option" + std::to_string(number) + "_value";
}

bool recognises(const Header& header) {
    return header.has("name") && header.has("slug") && header.has("inventory_count");
}

bool belongs(const Row& first, const Row& row) {
    return row.at("name").empty() && (row.at("slug").empty() || row.at("slug") == first.at("slug"));
}

bool knows(std::string_view column) {
    return column.starts_with(custom_field_prefix) || std::ranges::find(columns, column) != std::end(columns);
}

// "custom_field.custom.room_coverage": "Room coverage".
std::string attribute_name(std::string_view column) {
    std::string name(column.substr(column.rfind('.') + 1));
    std::ranges::replace(name, '_', ' ');
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

// "Kitchen -> Kettles" in our notation.
std::string category_path(std::string_view text) {
    std::vector<std::string> names;
    for (;;) {
        const std::size_t end = text.find("->");
        names.emplace_back(trimmed(text.substr(0, end)));
        if (end == text.npos) return catalog::path_of_names(names);
        text.remove_prefix(end + 2);
    }
}

void read_product(CellReader& cells, const Row& row, catalog::PutProduct& product) {
    product.slug = cells.value<core::Slug>(row, "slug");
    product.title = cells.value<catalog::Title>(row, "name");
    product.description =
        cells.value<catalog::Description>(row, "description").value_or(catalog::Description());
    product.status = cells.value<catalog::ProductStatus>(row, "status");
    product.categories.emplace();
    for (std::size_t i = 1; i <= categories_max; ++i) {
        const std::string column = "category" + std::to_string(i);
        if (row.at(column).empty()) continue;
        auto path = cells.checked<core::Text<1, 2000>>(row.line, column, category_path(row.at(column)));
        if (path) product.categories->push_back(std::move(*path));
    }
    product.attributes.emplace();
    for (const std::string& column : row.header->names()) {
        if (!column.starts_with(custom_field_prefix) && column != "tags") continue;
        auto value = cells.value<catalog::AttributeValue>(row, column);
        if (value) product.attributes->emplace(attribute_name(column), std::move(*value));
    }
}

void read_variant(CellReader& cells, const Row& row, std::map<std::string, catalog::OptionValue> options,
                  Draft& draft) {
    auto sku = cells.value<catalog::Sku>(row, "sku");
    if (!sku) return cells.error(row.line, "required", "sku is required");
    catalog::PutVariant variant;
    variant.sku = std::move(*sku);
    variant.options = std::move(options);
    variant.price = cells.price(row, "price", "currency");
    auto before = cells.price(row, "compare_at_price", "currency");
    if (before && before->amount == 0) before.reset();
    variant.compare_at_price = {true, before};
    variant.weight_grams = {true, cells.weight(row, "weight", row.at("weight_unit"))};
    variant.on_hand = cells.value<catalog::Units>(row, "inventory_count");
    draft.product.variants.push_back(std::move(variant));
    draft.variant_lines.push_back(row.line);
}

void read(std::span<const Row> rows, const Assumptions& assumptions, Draft& draft) {
    CellReader cells(draft, assumptions);
    const Row& first = rows.front();
    if (first.at("name").empty()) {
        draft.is_empty = true;
        for (const Row& row : rows) {
            cells.note(row.line, "other_currency",
                       std::string(row.at("sku")) + " has a price in " + std::string(row.at("currency")) +
                           " too, which is left out: a product has prices in one currency");
        }
        return;
    }
    read_product(cells, first, draft.product);
    for (const Row& row : rows) {
        for (std::size_t i = 1; i <= images_max; ++i) {
            auto url = cells.value<core::Text<1, 2000>>(row, "image" + std::to_string(i) + "_src");
            if (url) draft.product.images.push_back({std::move(*url), {}});
        }
    }
    // The product's row is a variant only if it is all there is.
    const auto sold = rows.size() > 1 ? rows.subspan(1) : rows;
    auto options = cells.options(sold, option_name, option_value);
    for (std::size_t i = 0; i < sold.size(); ++i)
        read_variant(cells, sold[i], std::move(options[i]), draft);
}

}  // namespace

const Dialect spree_csv{"Spree CSV", true, recognises, belongs, read, knows, false};

}  // namespace bulk
