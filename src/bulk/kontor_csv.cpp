// Our own CSV: a row for each variant; what is the product's stands in its first row. docs/catalogue.md lists
// the columns. The same columns are written by export.cpp.
#include "bulk/table.hpp"

namespace bulk {
namespace {

constexpr std::string_view attribute_prefix = "attributes.";

constexpr std::string_view columns[] = {"slug",
                                        "title",
                                        "description",
                                        "status",
                                        "brand",
                                        "categories",
                                        "option1_name",
                                        "option1_value",
                                        "option2_name",
                                        "option2_value",
                                        "option3_name",
                                        "option3_value",
                                        "sku",
                                        "variant_title",
                                        "price",
                                        "currency",
                                        "compare_at_price",
                                        "weight_grams",
                                        "on_hand",
                                        "image_urls"};

std::string option_name(std::size_t number) {
    return "option" + std::to_string(number) + "_name";
}
std::string option_value(std::size_t number) {
    return "option" + std::to_string(number) + "_value";
}

bool recognises(const Header& header) {
    return header.has("sku") && !header.has("name");
}

// A list of SKUs without slugs and titles has a product a row.
bool belongs(const Row& first, const Row& row) {
    const std::string_view slug = row.at("slug");
    if (!slug.empty()) return slug == first.at("slug");
    return first.has("title") && row.at("title").empty();
}

bool knows(std::string_view column) {
    return column.starts_with(attribute_prefix) || std::ranges::find(columns, column) != std::end(columns);
}

void read_product(CellReader& cells, const Row& row, catalog::PutProduct& product) {
    product.slug = cells.value<core::Slug>(row, "slug");
    product.title = cells.value<catalog::Title>(row, "title");
    if (row.has("description"))
        product.description =
            cells.value<catalog::Description>(row, "description").value_or(catalog::Description());
    product.status = cells.value<catalog::ProductStatus>(row, "status");
    product.brand = cells.patch<catalog::Brand>(row, "brand");
    if (row.has("categories")) {
        product.categories.emplace();
        for (const std::string& path : split_list(row.at("categories"), '|')) {
            auto checked = cells.checked<core::Text<1, 2000>>(row.line, "categories", path);
            if (checked) product.categories->push_back(std::move(*checked));
        }
    }
    for (const std::string& column : row.header->names()) {
        if (!column.starts_with(attribute_prefix)) continue;
        if (!product.attributes) product.attributes.emplace();
        auto attribute = cells.value<catalog::AttributeValue>(row, column);
        if (attribute)
            product.attributes->emplace(column.substr(attribute_prefix.size()), std::move(*attribute));
    }
    for (const std::string& url : split_list(row.at("image_urls"), '|')) {
        auto checked = cells.checked<core::Text<1, 2000>>(row.line, "image_urls", url);
        if (checked) product.images.push_back({std::move(*checked), {}});
    }
}

void read(std::span<const Row> rows, const Assumptions& assumptions, Draft& draft) {
    CellReader cells(draft, assumptions);
    read_product(cells, rows.front(), draft.product);
    auto options = cells.options(rows, option_name, option_value);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row& row = rows[i];
        auto sku = cells.value<catalog::Sku>(row, "sku");
        if (!sku) {
            if (row.at("sku").empty()) cells.error(row.line, "required", "sku is required");
            continue;
        }
        catalog::PutVariant variant;
        variant.sku = std::move(*sku);
        variant.title = cells.patch<catalog::VariantTitle>(row, "variant_title");
        variant.options = std::move(options[i]);
        variant.price = cells.price(row, "price", "currency");
        variant.compare_at_price = {row.has("compare_at_price"),
                                    cells.price(row, "compare_at_price", "currency")};
        variant.weight_grams = cells.patch<catalog::Grams>(row, "weight_grams");
        variant.on_hand = cells.value<catalog::Units>(row, "on_hand");
        draft.product.variants.push_back(std::move(variant));
        draft.variant_lines.push_back(row.line);
    }
}

}  // namespace

const Dialect kontor_csv{"Kontor CSV", false, recognises, belongs, read, knows, true};

}  // namespace bulk
