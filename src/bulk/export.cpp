// The shop's products as a file that imports to the same products.
#include "bulk/bulk.hpp"

#include "bulk/table.hpp"
#include "core/currency.hpp"
#include "core/json_write.hpp"
#include "core/or_throw.hpp"

#include <set>

namespace bulk {
namespace {

constexpr std::int64_t products_page = 200;  // read at once
constexpr std::int64_t attributes_page = 2000;

core::Caller exporter() {
    core::Caller caller;
    caller.permissions = {core::Permission::catalog_write};
    return caller;
}

// In the order of POST /v1/products, with categories by their paths.
struct ExportedImage {
    std::string url;
    std::string alt;
};
BOOST_DESCRIBE_STRUCT(ExportedImage, (), (url, alt))

struct ExportedVariant {
    std::string sku;
    std::optional<std::string> title;
    std::map<std::string, std::string> options;
    core::Price price;
    std::optional<core::Price> compare_at_price;
    std::optional<std::int64_t> weight_grams;
    std::int64_t on_hand = 0;
};
BOOST_DESCRIBE_STRUCT(ExportedVariant, (),
                      (sku, title, options, price, compare_at_price, weight_grams, on_hand))

struct ExportedProduct {
    std::string slug;
    std::string title;
    std::string description;
    catalog::ProductStatus status = catalog::ProductStatus::draft;
    std::optional<std::string> brand;
    std::vector<std::string> categories;
    std::map<std::string, std::string> attributes;
    std::vector<catalog::ProductOption> options;
    std::vector<ExportedVariant> variants;
    std::vector<ExportedImage> images;
};
BOOST_DESCRIBE_STRUCT(ExportedProduct, (),
                      (slug, title, description, status, brand, categories, attributes, options, variants,
                       images))

using Paths = std::map<core::CategoryId, std::string>;

void add_paths(const std::vector<catalog::Category>& categories, Paths& paths) {
    for (const catalog::Category& category : categories) {
        std::vector<std::string> names;
        for (const catalog::CategoryLink& link : category.path)
            names.push_back(link.name);
        paths.emplace(category.id, catalog::path_of_names(names));
        add_paths(category.children, paths);
    }
}

// The title that a variant was given: what it is shown with may be its options' or the product's.
std::optional<std::string> own_title(const catalog::Product& product, const catalog::Variant& variant) {
    std::string derived;
    for (const catalog::ProductOption& option : product.options) {
        auto value = variant.options.find(option.name);
        if (value == variant.options.end()) continue;
        derived += (derived.empty() ? "" : " / ") + value->second;
    }
    if (derived.empty()) derived = product.title;
    return variant.title == derived ? std::nullopt : std::optional(variant.title);
}

ExportedProduct exported(catalog::Product product, const Paths& paths) {
    ExportedProduct out{product.slug,
                        product.title,
                        product.description,
                        product.status,
                        product.brand,
                        {},
                        std::move(product.attributes),
                        product.options,
                        {},
                        {}};
    for (core::CategoryId id : product.category_ids) {
        if (auto path = paths.find(id); path != paths.end()) out.categories.push_back(path->second);
    }
    for (const catalog::Variant& variant : product.variants) {
        out.variants.push_back({variant.sku, own_title(product, variant), variant.options, variant.price,
                                variant.compare_at_price, variant.weight_grams, variant.stock.on_hand});
    }
    for (const media::Image& image : product.images)
        out.images.push_back({image.urls.original, image.alt});
    return out;
}

std::string cell_of(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : "";
}
std::string cell_of(const core::Price& price) {
    return core::decimal_text({price.amount.value, price.currency});
}

// The row of one variant; the product's own cells are filled in the first.
void add_row(std::string& out, const ExportedProduct& product, std::size_t number,
             const std::vector<std::string>& attributes) {
    const bool is_first = number == 0;
    const ExportedVariant& variant = product.variants[number];
    std::vector<std::string> cells{product.slug};
    auto of_product = [&](std::string cell) { cells.push_back(is_first ? std::move(cell) : ""); };
    of_product(product.title);
    of_product(product.description);
    of_product(boost::describe::enum_to_string(product.status, ""));
    of_product(product.brand.value_or(""));
    of_product(joined_list(product.categories));
    for (std::size_t i = 0; i < catalog::options_per_product_max; ++i) {
        const bool there = i < product.options.size();
        of_product(there ? product.options[i].name : "");
        cells.push_back(there ? variant.options.at(product.options[i].name) : "");
    }
    cells.push_back(variant.sku);
    cells.push_back(variant.title.value_or(""));
    cells.push_back(cell_of(variant.price));
    cells.emplace_back(variant.price.currency.text());
    cells.push_back(variant.compare_at_price ? cell_of(*variant.compare_at_price) : "");
    cells.push_back(cell_of(variant.weight_grams));
    cells.push_back(std::to_string(variant.on_hand));
    std::vector<std::string> urls;
    for (const ExportedImage& image : product.images)
        urls.push_back(image.url);
    of_product(joined_list(urls));
    for (const std::string& name : attributes) {
        auto value = product.attributes.find(name);
        of_product(value == product.attributes.end() ? "" : value->second);
    }
    core::add_csv_record(out, cells);
}

}  // namespace

ProductExport::ProductExport(store::Database& database, Format format)
    : database_(database), format_(format) {}

// The header names every attribute there is, so they are looked for before the first row.
void ProductExport::learn_attributes() {
    std::set<std::string> names;
    for (std::string after, before = "-"; after != before;) {
        before = after;
        auto page = core::or_throw(store::read_now(database_, [&](store::Tx& tx) {
            std::string moved = after;
            auto found = catalog::list_attribute_names(tx, moved, attributes_page);
            return std::pair(std::move(found), std::move(moved));
        }));
        names.insert(page.first.begin(), page.first.end());
        after = std::move(page.second);
    }
    attributes_.assign(names.begin(), names.end());
}

std::string ProductExport::header() {
    std::vector<std::string> names{"slug", "title", "description", "status", "brand", "categories"};
    for (std::size_t i = 1; i <= catalog::options_per_product_max; ++i) {
        names.push_back("option" + std::to_string(i) + "_name");
        names.push_back("option" + std::to_string(i) + "_value");
    }
    for (const char* name : {"sku", "variant_title", "price", "currency", "compare_at_price", "weight_grams",
                             "on_hand", "image_urls"})
        names.emplace_back(name);
    for (const std::string& attribute : attributes_)
        names.push_back("attributes." + attribute);
    std::string text;
    core::add_csv_record(text, names);
    return text;
}

std::string ProductExport::next() {
    std::string text;
    if (!std::exchange(begun_, true) && format_ == Format::csv) {
        learn_attributes();
        text = header();
    }
    struct Page {
        std::vector<catalog::Product> products;
        std::vector<catalog::Category> roots;
        std::string last;
    };
    auto page = core::or_throw(store::read_now(database_, [&](store::Tx& tx) -> core::Result<Page> {
        Page read;
        const auto ids = catalog::list_product_ids(tx, after_, products_page);
        if (ids.empty()) return read;
        auto roots = catalog::list_categories(tx, exporter(), {});
        if (!roots) return std::unexpected(std::move(roots.error()));
        read = {catalog::list_products_by_id(tx, exporter(), ids), std::move(roots->data), ids.back()};
        return read;
    }));
    Paths paths;
    add_paths(page.roots, paths);
    for (catalog::Product& product : page.products) {
        const ExportedProduct line = exported(std::move(product), paths);
        if (format_ == Format::ndjson) {
            core::write_json(text, line);
            text += '\n';
            continue;
        }
        for (std::size_t i = 0; i < line.variants.size(); ++i)
            add_row(text, line, i, attributes_);
    }
    if (!page.last.empty()) after_ = std::move(page.last);
    return text;
}

}  // namespace bulk
