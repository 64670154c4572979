// Shopify's product export: the first row of a handle has the product, further ones have variants or only
// pictures.
#include "bulk/html_text.hpp"
#include "bulk/table.hpp"

namespace bulk {
namespace {

constexpr std::string_view columns[] = {
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published", "Status", "Option1 Name",
    "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value", "Variant SKU",
    "Variant Grams", "Variant Price", "Variant Compare At Price", "Image Src", "Image Alt Text",
    "Image Position", "Variant Inventory Qty", "Variant Inventory Tracker",
    // A unit to show grams in, and a picture of one variant that stands among the product's as well.
    "Variant Weight Unit", "Variant Image"};

constexpr std::string_view no_options = "Default Title";

std::string option_name(std::size_t number) {
    return "Option" + std::to_string(number) + " Name";
}
std::string option_value(std::size_t number) {
    return "Option" + std::to_string(number) + " Value";
}

bool recognises(const Header& header) {
    return header.has("Handle") && header.has("Variant Price");
}

bool belongs(const Row& first, const Row& row) {
    return row.at("Handle").empty() || row.at("Handle") == first.at("Handle");
}

bool knows(std::string_view column) {
    return std::ranges::find(columns, column) != std::end(columns);
}

bool is_variant(const Row& row) {
    return !row.at("Variant Price").empty();
}

catalog::ProductStatus status_of(const Row& row) {
    using enum catalog::ProductStatus;
    if (row.at("Status") == "archived") return archived;
    if (row.at("Status") == "draft" || row.at("Published") == "false") return draft;
    return active;
}

void read_product(CellReader& cells, const Row& row, catalog::PutProduct& product) {
    product.slug = cells.value<core::Slug>(row, "Handle");
    product.title = cells.value<catalog::Title>(row, "Title");
    const std::string html(row.at("Body (HTML)"));
    const std::string text = text_of_html(html);
    product.description =
        cells.checked<catalog::Description>(row.line, "Body (HTML)", text).value_or(catalog::Description());
    if (html.contains('<')) cells.note(row.line, "html_to_text", "The description was HTML and is text now");
    product.status = status_of(row);
    product.brand = cells.patch<catalog::Brand>(row, "Vendor");
    product.categories.emplace();
    if (auto type = cells.value<core::Text<1, 200>>(row, "Type"))
        product.categories->push_back(core::Text<1, 2000>::trusted(catalog::path_of_names({type->str()})));
    product.attributes.emplace();
    if (auto tags = cells.value<catalog::AttributeValue>(row, "Tags"))
        product.attributes->emplace("Tags", *tags);
}

void read_stock(CellReader& cells, const Row& row, catalog::PutVariant& variant) {
    const std::string_view quantity = row.at("Variant Inventory Qty");
    if (quantity.starts_with('-')) {
        cells.note(row.line, "stock_below_zero",
                   "There were " + std::string(quantity) + " on hand: now there are 0");
        variant.on_hand = catalog::Units(0);
    } else {
        variant.on_hand = cells.value<catalog::Units>(row, "Variant Inventory Qty");
    }
    if (row.at("Variant Inventory Tracker").empty()) {
        cells.note(row.line, "stock_untracked",
                   "Shopify didn't count this variant's stock. Here it is counted: check what is on hand");
    }
}

void read_variant(CellReader& cells, const Row& row, std::map<std::string, catalog::OptionValue> options,
                  Draft& draft) {
    catalog::PutVariant variant;
    const std::string stem = draft.product.slug ? draft.product.slug->str() : "";
    variant.sku = cells.sku(row, "Variant SKU", stem, options);
    variant.options = std::move(options);
    variant.price = cells.price(row, "Variant Price", "");
    variant.compare_at_price = {true, cells.price(row, "Variant Compare At Price", "")};
    if (auto grams = cells.value<catalog::Grams>(row, "Variant Grams"); grams && *grams > 0)
        variant.weight_grams = {true, grams};
    read_stock(cells, row, variant);
    draft.product.variants.push_back(std::move(variant));
    draft.variant_lines.push_back(row.line);
}

void read(std::span<const Row> rows, const Assumptions& assumptions, Draft& draft) {
    CellReader cells(draft, assumptions);
    read_product(cells, rows.front(), draft.product);
    std::vector<Row> sold;
    for (const Row& row : rows) {
        if (is_variant(row)) sold.push_back(row);
        auto url = cells.value<core::Text<1, 2000>>(row, "Image Src");
        if (url)
            draft.product.images.push_back(
                {*url, cells.value<core::Text<0, media::alt_length_max>>(row, "Image Alt Text")});
    }
    const bool has_options = sold.size() != 1 || sold.front().at("Option1 Value") != no_options;
    std::vector<std::map<std::string, catalog::OptionValue>> options(sold.size());
    if (has_options) options = cells.options(sold, option_name, option_value);
    for (std::size_t i = 0; i < sold.size(); ++i)
        read_variant(cells, sold[i], std::move(options[i]), draft);
}

}  // namespace

const Dialect shopify_csv{"Shopify CSV", true, recognises, belongs, read, knows, false};

}  // namespace bulk
