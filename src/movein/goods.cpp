// Products of the former shop, as catalog::PutProduct reads them.
#include "movein/translate.hpp"

#include "bulk/bulk.hpp"

#include <boost/json/array.hpp>

#include <cmath>

namespace movein {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t attribute_length_max = 500;  // catalog::AttributeValue
constexpr std::size_t address_length_max = 2000;   // catalog::PutImage
constexpr std::string_view missing_choice = "Standard";

// Members of a variant that say what is chosen, where it has no list of options.
constexpr std::pair<std::string_view, std::string_view> plain_options[] = {
    {"size", "Size"},         {"color", "Color"},     {"colour", "Color"},       {"material", "Material"},
    {"style", "Style"},       {"flavor", "Flavor"},   {"flavour", "Flavour"},    {"pattern", "Pattern"},
    {"capacity", "Capacity"}, {"storage", "Storage"}, {"packaging", "Packaging"}};
constexpr std::string_view option_without_name = "Variant";

using Choices = std::vector<std::pair<std::string, std::string>>;  // option and value

std::string joined(const std::vector<const value*>& values) {
    std::string text;
    for (const value* one : values) {
        const auto part = text_in(*one);
        if (part && !part->empty()) text += (text.empty() ? "" : ", ") + *part;
    }
    return text;
}

// {"Size": "M"} or [{"name": "Size", "value": "M"}].
Choices pairs_in(const value& list) {
    Choices pairs;
    const auto add = [&](std::string_view name, const value& from) {
        const auto text = text_in(from);
        if (!name.empty() && text && !text->empty()) pairs.emplace_back(name, *text);
    };
    if (const auto* members = list.if_object()) {
        for (const auto& entry : *members)
            add(entry.key(), entry.value());
        return pairs;
    }
    const auto* items = list.if_array();
    if (!items) return pairs;
    for (const value& item : *items) {
        const auto* pair = item.if_object();
        if (!pair) continue;
        const value* name = nullptr;
        for (const char* member : {"name", "key", "option", "label"})
            name = name ? name : pair->if_contains(member);
        const value* said = pair->if_contains("value");
        if (name && said) add(text_in(*name).value_or(""), *said);
    }
    return pairs;
}

Choices choices_of(const object& document, const Fields& variant) {
    if (const value* options = variant.any("options")) {
        Choices pairs = pairs_in(*options);
        if (!pairs.empty()) return pairs;
    }
    Choices choices;
    for (const auto& [member, option] : plain_options) {
        const value* found = document.if_contains(member);
        const auto text = found ? text_in(*found) : std::nullopt;
        if (text && !text->empty()) choices.emplace_back(option, *text);
    }
    if (!choices.empty()) return choices;
    const value* name = document.if_contains("name");
    const value* chosen = document.if_contains("value");
    if (name && chosen && text_in(*name) && text_in(*chosen)) return {{*text_in(*name), *text_in(*chosen)}};
    if (std::string title = variant.text("title"); !title.empty())
        choices.emplace_back(option_without_name, std::move(title));
    return choices;
}

class ProductTranslation {
public:
    ProductTranslation(const object& document, const Mapping& mapping, const Vocabulary& words,
                       const NamesThere& names, std::string_view old_id)
        : mapping_(mapping),
          words_(words),
          names_(names),
          old_id_(old_id),
          fields_(document, words.products, product_.remarks),
          pricing_(pricing_of(fields_, mapping)) {}

    Translated run() && {
        object& wanted = product_.wanted;
        wanted["title"] = fields_.text("title");
        if (std::string slug = fields_.text("slug"); core::Slug::from_text(slug)) wanted["slug"] = slug;
        add_description();
        wanted["status"] = status();
        if (std::string brand = brand_name(); !brand.empty()) wanted["brand"] = brand;
        add_categories();
        add_variants();
        add_attributes();
        add_images();
        return std::move(product_);
    }

private:
    void add_description() {
        std::string text = fields_.text("description");
        if (text.contains('<')) {
            text = bulk::text_of_html(text);
            fields_.note("html_to_text", "The description was HTML and is text now");
        }
        product_.wanted["description"] = text;
    }

    const char* status() const {
        const std::string said = fields_.text("status");
        if (fields_.flag("archived").value_or(false) || said == "archived" || said == "deleted" ||
            said == "discontinued")
            return "archived";
        const bool hidden = said == "draft" || said == "inactive" || said == "pending" || said == "hidden";
        return hidden || !fields_.flag("active").value_or(true) ? "draft" : "active";
    }

    // A name, or what the dump's brands call it.
    std::string brand_name() const {
        const value* found = fields_.any("brand");
        if (!found) return {};
        const auto named = names_.brands.find(id_in(*found));
        if (named != names_.brands.end()) return named->second.back();
        return found->is_string() ? fields_.text("brand") : std::string();
    }

    void add_categories() {
        for (const value* reference : fields_.list("category")) {
            const std::string id = id_in(*reference);
            const auto* populated = reference->if_object();
            const value* name = populated ? populated->if_contains("name") : nullptr;
            if (auto known = names_.categories.find(id); known != names_.categories.end())
                product_.categories.push_back({id, known->second});
            else if (name && name->is_string())
                product_.categories.push_back({{}, {std::string(name->get_string())}});
            else if (reference->is_string() && !id.empty())
                product_.categories.push_back({{}, {id}});
            else
                fields_.note("category_unknown", "The category " + id + " isn't in the dump");
        }
        array paths;
        for (const CategoryRef& category : product_.categories)
            paths.emplace_back(catalog::path_of_names(category.names));
        product_.wanted["categories"] = std::move(paths);
    }

    void add_variants() {
        const auto documents = fields_.documents("variants");
        array variants;
        if (documents.empty()) variants.push_back(sold(fields_, std::string(old_id_), {}));
        std::vector<Choices> choices;
        choices.reserve(documents.size());
        for (const object* document : documents)
            choices.push_back(choices_of(*document, Fields(*document, words_.variants, product_.remarks)));
        const auto names = option_names(choices, documents.size());
        for (std::size_t i = 0; i < documents.size(); ++i) {
            const Fields variant(*documents[i], words_.variants, product_.remarks);
            const value* id = documents[i]->if_contains("_id");
            const std::string own_id = id ? id_in(*id) : std::string();
            product_.variant_ids.push_back(own_id);
            const std::string sku =
                own_id.empty() ? std::string(old_id_) + "-" + std::to_string(i + 1) : own_id;
            variants.push_back(sold(variant, sku, options_of(choices[i], names)));
        }
        product_.wanted["variants"] = std::move(variants);
    }

    // In the order in which they come up, each with its values.
    std::vector<std::string> option_names(const std::vector<Choices>& choices, std::size_t variants) {
        std::vector<std::string> names;
        std::map<std::string, std::vector<std::string>> values;
        for (const Choices& one : choices) {
            for (const auto& [name, chosen] : one) {
                if (std::ranges::find(names, name) == names.end()) names.push_back(name);
            }
        }
        if (names.empty() && variants > 1)
            fields_.error("options_missing",
                          "Nothing tells the variants apart: name what does in the mapping");
        array options;
        for (const std::string& name : names) {
            array distinct;
            for (const Choices& one : choices) {
                const value chosen(chosen_of(one, name));
                if (std::ranges::find(distinct, chosen) == distinct.end()) distinct.push_back(chosen);
            }
            options.push_back(object{{"name", name}, {"values", std::move(distinct)}});
        }
        if (!options.empty()) product_.wanted["options"] = std::move(options);
        return names;
    }

    static std::string chosen_of(const Choices& choices, std::string_view name) {
        for (const auto& [option, chosen] : choices) {
            if (option == name) return chosen;
        }
        return std::string(missing_choice);
    }

    static object options_of(const Choices& choices, const std::vector<std::string>& names) {
        object options;
        for (const std::string& name : names)
            options[name] = chosen_of(choices, name);
        return options;
    }

    // What is sold: a variant, or the product itself.
    object sold(const Fields& from, const std::string& sku_made, object options) {
        object variant;
        std::string sku = from.text("sku");
        if (sku.empty()) {
            sku = sku_made;
            from.note("sku_made", "There is no SKU: it got " + sku);
        }
        variant["sku"] = sku;
        if (!options.empty()) variant["options"] = std::move(options);
        add_prices(variant, from);
        add_stock(variant, from);
        if (auto grams = grams_of(from)) variant["weight_grams"] = *grams;
        return variant;
    }

    void add_prices(object& variant, const Fields& from) {
        auto price = money(from, "price", pricing_);
        if (!price && &from != &fields_) price = money(fields_, "price", pricing_);
        if (!price) return from.error("required", "price is required");
        auto before = money(from, "compare_at_price", pricing_);
        const auto sale = money(from, "sale_price", pricing_);
        const auto amount = [](const object& of) { return of.at("amount").as_int64(); };
        if (sale && amount(*sale) > 0 && amount(*sale) < amount(*price)) {
            before = std::move(price);
            price = sale;
        }
        if (before && amount(*before) > amount(*price)) variant["compare_at_price"] = std::move(*before);
        variant["price"] = std::move(*price);
    }

    void add_stock(object& variant, const Fields& from) {
        if (auto units = from.units("stock"))
            variant["on_hand"] = *units;
        else
            from.note("stock_unknown", "There is no number of units: it is as it was here, at first 0");
    }

    std::optional<std::int64_t> grams_of(const Fields& from) const {
        if (!mapping_.weights) return {};
        const auto weight = from.number("weight");
        if (!weight || *weight <= 0) return {};
        constexpr double grams[] = {1, 1000, 28.349523125, 453.59237};  // by WeightUnit
        return std::llround(*weight * grams[static_cast<std::size_t>(*mapping_.weights)]);
    }

    void add_attributes() {
        object attributes;
        const auto add = [&](const std::string& name, const std::string& text) {
            if (text.empty()) return;
            if (core::count_code_points(text) <= attribute_length_max)
                attributes[name] = text;
            else
                fields_.note("attribute_left_out", name + " is longer than an attribute can be");
        };
        if (const value* said = fields_.any("attributes")) {
            for (const auto& [name, text] : pairs_in(*said))
                add(name, text);
        }
        add("Tags", joined(fields_.list("tags")));
        if (product_.variant_ids.empty()) {
            for (const auto& [member, name] : {std::pair("sizes", "Sizes"), std::pair("colors", "Colors")}) {
                const std::string text = joined(fields_.list(member));
                if (!text.empty() && fields_.list(member).size() > 1) {
                    fields_.note("choices_as_attribute", std::string(name) +
                                                             " have no stock of their own there: they are an "
                                                             "attribute, not variants");
                }
                add(name, text);
            }
        }
        product_.wanted["attributes"] = std::move(attributes);
    }

    void add_images() {
        array images;
        for (const value* image : fields_.list("images")) {
            const auto* document = image->if_object();
            const value* address = document ? nullptr : image;
            for (const char* member : {"url", "secure_url", "src", "path", "filename"}) {
                if (!address && document) address = document->if_contains(member);
            }
            const auto text = address ? text_in(*address) : std::nullopt;
            if (!text || text->empty()) continue;
            if (text->size() <= address_length_max)
                images.push_back(object{{"url", *text}});
            else
                fields_.note("picture_left_out", "A picture inside the document itself isn't taken");
        }
        product_.wanted["images"] = std::move(images);
    }

    Translated product_;
    const Mapping& mapping_;
    const Vocabulary& words_;
    const NamesThere& names_;
    std::string_view old_id_;
    Fields fields_;
    Pricing pricing_;
};

}  // namespace

Translated translate_product(const object& document, const Mapping& mapping, const Vocabulary& words,
                             const NamesThere& names, std::string_view old_id) {
    return ProductTranslation(document, mapping, words, names, old_id).run();
}

}  // namespace movein
