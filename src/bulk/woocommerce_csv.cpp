// WooCommerce's product export: simple products in a row each, variable ones in a row of their own and one
// for each variation, which stand anywhere in the file and name their product in `Parent`, by SKU or as
// id:123.
#include "bulk/html_text.hpp"
#include "bulk/table.hpp"

namespace bulk {
namespace {

constexpr std::string_view columns[] = {"ID", "Type", "SKU", "Name", "Published", "Short description",
                                        "Description", "In stock?", "Stock", "Sale price", "Regular price",
                                        "Categories", "Tags", "Brands", "Images", "Parent", "Position",
                                        // What it means is said where it matters.
                                        "Date sale price starts", "Date sale price ends"};
constexpr std::string_view weight_prefix = "Weight (";
constexpr std::string_view attribute_prefix = "Attribute ";
constexpr std::string_view any_value = "Any";  // of a variation that fits each value of an attribute

bool recognises(const Header& header) {
    return header.has("Type") && header.has("Regular price") && header.has("Parent");
}

bool belongs(const Row&, const Row&) {
    return false;  // gather() knows
}

bool knows(std::string_view column) {
    return column.starts_with(weight_prefix) || column.starts_with(attribute_prefix) ||
           std::ranges::find(columns, column) != std::end(columns);
}

// "variation, virtual" is a variation.
bool is_of_type(const Row& row, std::string_view type) {
    const auto types = split_list(row.at("Type"), ',');
    return std::ranges::find(types, type) != types.end();
}

// Against spreadsheets that would calculate it, WooCommerce puts an apostrophe before what looks like a
// formula.
void unescape(Row& row) {
    for (std::string& cell : row.cells) {
        if (cell.size() > 1 && cell[0] == '\'' && std::string_view("=+-@").contains(cell[1]))
            cell.erase(0, 1);
    }
}

std::vector<std::vector<Row>> gather(std::vector<Row> rows) {
    std::vector<std::vector<Row>> groups;
    std::map<std::string, std::size_t, std::less<>> group_of;  // by what `Parent` may say
    std::vector<Row> variations;
    for (Row& row : rows) {
        unescape(row);
        if (is_of_type(row, "variation")) {
            variations.push_back(std::move(row));
            continue;
        }
        if (!row.at("SKU").empty()) group_of.emplace(row.at("SKU"), groups.size());
        if (!row.at("ID").empty()) group_of.emplace("id:" + std::string(row.at("ID")), groups.size());
        groups.emplace_back().push_back(std::move(row));
    }
    for (Row& row : variations) {
        const auto parent = group_of.find(row.at("Parent"));
        auto& group = parent == group_of.end() ? groups.emplace_back() : groups[parent->second];
        group.push_back(std::move(row));
    }
    return groups;
}

struct Attribute {
    std::string name;
    std::string value_column;
};

std::vector<Attribute> attributes_of(const Row& row) {
    std::vector<Attribute> attributes;
    for (std::size_t number = 1;; ++number) {
        const std::string column = std::string(attribute_prefix) + std::to_string(number);
        if (!row.has(column + " name")) return attributes;
        if (const auto name = row.at(column + " name"); !name.empty())
            attributes.push_back({std::string(name), column + " value(s)"});
    }
}

// What a row says of an attribute, which each row may number its own way.
std::string_view value_of(const Row& row, std::string_view name) {
    for (const Attribute& attribute : attributes_of(row)) {
        if (attribute.name == name) return row.at(attribute.value_column);
    }
    return {};
}

std::string unescaped_commas(std::string text) {
    for (std::size_t at = 0; (at = text.find("\\,", at)) != text.npos; ++at)
        text.erase(at, 1);
    return text;
}

catalog::ProductStatus status_of(CellReader& cells, const Row& row) {
    const std::string_view published = row.at("Published");
    if (published == "1" || published.empty()) return catalog::ProductStatus::active;
    if (published == "0") cells.note(row.line, "private", "The product was private: it is a draft now");
    return catalog::ProductStatus::draft;
}

// Paragraphs of HTML, whose line ends stand as \n.
std::string text_of(CellReader& cells, const Row& row) {
    std::string html(row.at("Short description"));
    if (const auto longer = row.at("Description"); !longer.empty())
        html += (html.empty() ? "" : "\n\n") + std::string(longer);
    for (std::size_t at = 0; (at = html.find("\\n", at)) != html.npos; ++at)
        html.replace(at, 2, "\n");
    if (!html.contains('<')) return html;
    cells.note(row.line, "html_to_text", "The description was HTML and is text now");
    return text_of_html(html);
}

void read_product(CellReader& cells, const Row& row, catalog::PutProduct& product) {
    product.title = cells.value<catalog::Title>(row, "Name");
    product.description = cells.checked<catalog::Description>(row.line, "Description", text_of(cells, row))
                              .value_or(catalog::Description());
    product.status = status_of(cells, row);
    if (row.has("Brands")) product.brand = cells.patch<catalog::Brand>(row, "Brands");
    product.categories.emplace();
    for (const std::string& path : split_list(row.at("Categories"), ',')) {
        const std::string text = unescaped_commas(path);
        auto checked = cells.checked<core::Text<1, 2000>>(row.line, "Categories", text);
        if (checked) product.categories->push_back(std::move(*checked));
    }
    for (const std::string& url : split_list(row.at("Images"), ',')) {
        auto checked = cells.checked<core::Text<1, 2000>>(row.line, "Images", url);
        if (checked) product.images.push_back({std::move(*checked), {}});
    }
    product.attributes.emplace();
    if (auto tags = cells.value<catalog::AttributeValue>(row, "Tags"))
        product.attributes->emplace("Tags", *tags);
}

// Attributes that variations differ in are options, the others stay attributes.
std::vector<std::string> option_names(std::span<const Row> variations) {
    std::vector<std::string> names;
    for (const Row& row : variations) {
        for (const Attribute& attribute : attributes_of(row)) {
            if (std::ranges::find(names, attribute.name) == names.end()) names.push_back(attribute.name);
        }
    }
    return names;
}

void read_attributes(CellReader& cells, const Row& row, const std::vector<std::string>& options,
                     catalog::PutProduct& product) {
    for (const Attribute& attribute : attributes_of(row)) {
        if (std::ranges::find(options, attribute.name) != options.end()) continue;
        const std::string text = unescaped_commas(std::string(row.at(attribute.value_column)));
        auto value = cells.checked<catalog::AttributeValue>(row.line, attribute.value_column, text);
        if (value) product.attributes->emplace(attribute.name, std::move(*value));
    }
}

std::map<std::string, catalog::OptionValue> read_options(CellReader& cells, const Row& row,
                                                         const std::vector<std::string>& names,
                                                         catalog::PutProduct& product) {
    std::map<std::string, catalog::OptionValue> chosen;
    for (const std::string& name : names) {
        std::string text = unescaped_commas(std::string(value_of(row, name)));
        if (text.empty()) {
            text = any_value;
            cells.note(row.line, "any_value", "The variation fits any value: '" + name + "' is 'Any' here");
        }
        auto value = cells.checked<catalog::OptionValue>(row.line, name, text);
        auto checked_name = cells.checked<core::Text<1, 50>>(row.line, "attribute name", name);
        if (!value || !checked_name) continue;
        auto option = std::ranges::find(product.options, *checked_name, &catalog::NewOption::name);
        if (option == product.options.end())
            option = product.options.insert(option, {std::move(*checked_name), {}});
        if (std::ranges::find(option->values, *value) == option->values.end())
            option->values.push_back(*value);
        chosen.emplace(name, std::move(*value));
    }
    return chosen;
}

void read_prices(CellReader& cells, const Row& row, catalog::PutVariant& variant) {
    auto regular = cells.price(row, "Regular price", "");
    auto sale = cells.price(row, "Sale price", "");
    if (row.at("Regular price").empty() && row.at("Sale price").empty())
        return cells.error(row.line, "required",
                           "Regular price is required: what can't be bought has no place here");
    variant.price = sale ? sale : regular;
    variant.compare_at_price = {true, sale ? regular : std::nullopt};
    const bool dated = !row.at("Date sale price starts").empty() || !row.at("Date sale price ends").empty();
    if (sale && dated)
        cells.note(row.line, "sale_without_end",
                   "The sale price had dates: here it stays until somebody changes it");
}

void read_stock(CellReader& cells, const Row& row, catalog::PutVariant& variant) {
    const std::string_view units = row.at("Stock");
    if (units == "parent") {
        cells.note(row.line, "stock_shared",
                   "The variations shared one stock: say how many there are of this one");
    } else if (units.empty()) {
        cells.note(row.line, "stock_untracked",
                   "WooCommerce didn't count this one's stock. Here it is counted: say what is on hand");
    } else if (units.starts_with('-')) {
        cells.note(row.line, "stock_below_zero",
                   "There were " + std::string(units) + " on hand: now there are 0");
        variant.on_hand = catalog::Units(0);
    } else {
        variant.on_hand = cells.value<catalog::Units>(row, "Stock");
    }
}

void read_weight(CellReader& cells, const Row& row, catalog::PutVariant& variant) {
    for (const std::string& column : row.header->names()) {
        if (!column.starts_with(weight_prefix)) continue;
        std::string_view unit = std::string_view(column).substr(weight_prefix.size());
        unit.remove_suffix(unit.ends_with(')') ? 1 : 0);
        if (auto grams = cells.weight(row, column, unit)) variant.weight_grams = {true, grams};
    }
}

void read_variant(CellReader& cells, const Row& row, std::map<std::string, catalog::OptionValue> options,
                  const Row& product_row, Draft& draft) {
    catalog::PutVariant variant;
    const std::string_view parent_sku = product_row.at("SKU");
    const std::string stem = !row.at("ID").empty() ? "wc-" + std::string(row.at("ID"))
                             : !parent_sku.empty() ? std::string(parent_sku)
                                                   : core::Slug::suggest(product_row.at("Name"));
    // An id says enough; what is chosen needn't be in the SKU.
    variant.sku = cells.sku(row, "SKU", stem, row.at("ID").empty() ? options : decltype(options){});
    variant.options = std::move(options);
    read_prices(cells, row, variant);
    read_stock(cells, row, variant);
    read_weight(cells, row, variant);
    draft.product.variants.push_back(std::move(variant));
    draft.variant_lines.push_back(row.line);
}

// What is no goods of ours: nothing is sold, or somebody else sells it.
bool is_left_out(CellReader& cells, const Row& row) {
    for (const char* type : {"grouped", "external"}) {
        if (!is_of_type(row, type)) continue;
        cells.note(row.line, "type_left_out",
                   "'" + std::string(row.at("Name")) + "' is " + type + ", which there is nothing like here");
        return true;
    }
    return false;
}

void read(std::span<const Row> rows, const Assumptions& assumptions, Draft& draft) {
    CellReader cells(draft, assumptions);
    const Row& first = rows.front();
    if (is_of_type(first, "variation")) {
        return cells.error(first.line, "parent_missing",
                           "Its product '" + std::string(first.at("Parent")) + "' isn't in the file");
    }
    draft.is_empty = is_left_out(cells, first);
    if (draft.is_empty) return;
    const auto variations = rows.subspan(1);
    if (is_of_type(first, "variable") && variations.empty())
        return cells.error(first.line, "variations_missing",
                           "A variable product without variations can't be sold");
    read_product(cells, first, draft.product);
    const auto options = option_names(variations);
    read_attributes(cells, first, options, draft.product);
    if (variations.empty()) read_variant(cells, first, {}, first, draft);
    for (const Row& row : variations)
        read_variant(cells, row, read_options(cells, row, options, draft.product), first, draft);
}

}  // namespace

const Dialect woocommerce_csv{"WooCommerce CSV", true, recognises, belongs, read, knows, false, gather};

}  // namespace bulk
