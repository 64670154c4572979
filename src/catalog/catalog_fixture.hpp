// What this folder's tests share: people, and products made in a line.
#pragma once

#include "catalog/catalog.hpp"
#include "catalog/stock.hpp"

#include "core/json_write.hpp"
#include "support/test_database.hpp"

namespace catalog {

class CatalogTest : public support::OnBothEngines {
protected:
    static core::Caller guest() { return {}; }
    static core::Caller staff() {
        static const auto id = core::UserId::at({1});
        core::Caller caller;
        caller.user = id;
        caller.role = core::Role::manager;
        caller.permissions = core::permissions_of(core::Role::manager);
        return caller;
    }

    static core::Price euros(std::int64_t cents) { return {cents, core::Currency::trusted("EUR")}; }

    static NewVariant variant(const std::string& sku, std::int64_t cents, std::int64_t on_hand,
                              const std::map<std::string, std::string>& options = {}) {
        NewVariant variant;
        variant.sku = Sku::trusted(sku);
        variant.price = euros(cents);
        variant.on_hand = Units(on_hand);
        for (const auto& [name, value] : options)
            variant.options.emplace(name, OptionValue::trusted(value));
        return variant;
    }

    // An active product of one variant, whose SKU is the title.
    static NewProduct product(const std::string& title, std::int64_t cents = 1000,
                              std::int64_t on_hand = 10) {
        NewProduct product;
        product.title = Title::trusted(title);
        product.status = ProductStatus::active;
        product.variants.push_back(variant(title, cents, on_hand));
        return product;
    }

    static NewOption option(const std::string& name, const std::vector<std::string>& values) {
        NewOption option{core::Text<1, 50>::trusted(name), {}};
        for (const std::string& value : values)
            option.values.push_back(OptionValue::trusted(value));
        return option;
    }

    // A shirt in red and blue, S and L in red only.
    static NewProduct shirt() {
        NewProduct shirt = product("Shirt");
        shirt.options = {option("Color", {"Red", "Blue"}), option("Size", {"S", "L"})};
        shirt.variants = {variant("shirt-red-s", 1500, 3, {{"Color", "Red"}, {"Size", "S"}}),
                          variant("shirt-red-l", 1700, 0, {{"Color", "Red"}, {"Size", "L"}}),
                          variant("shirt-blue-s", 1500, 2, {{"Color", "Blue"}, {"Size", "S"}})};
        return shirt;
    }

    // A rule in a transaction of its own, by staff unless said otherwise.
    template <class In, class Out>
    core::Result<Out> run(core::Result<Out> (*rule)(store::Tx&, const core::Caller&, const In&),
                          const std::type_identity_t<In>& input, const core::Caller& caller = staff()) {
        return write([&](store::Tx& tx) { return rule(tx, caller, input); });
    }
    template <class In, class Out>
    core::Result<Out> look(core::Result<Out> (*rule)(store::Tx&, const core::Caller&, const In&),
                           const std::type_identity_t<In>& input, const core::Caller& caller = guest()) {
        return read([&](store::Tx& tx) { return rule(tx, caller, input); });
    }

    Product make(const NewProduct& product) { return support::must(run(create_product, product)); }
    Product shown(core::ProductId id) { return support::must(look(get_product, {id}, staff())); }

    Category category(const std::string& name, std::optional<core::CategoryId> parent = {}) {
        return support::must(run(create_category, {core::Text<1, 200>::trusted(name), {}, parent, {}}));
    }

    core::Result<void> reserve(const Product& product, std::int64_t quantity, std::size_t variant = 0) {
        return write([&](store::Tx& tx) {
            return reserve_stock(tx, core::OrderId::at(tx.now()),
                                 {{product.variants[variant].id, product.id, quantity}}, "guest");
        });
    }

    // The member and the code of the only field error, as "/title too_long".
    template <class T>
    static std::string field_error(const core::Result<T>& result) {
        if (result || result.error().fields.size() != 1) return "no single field error";
        return result.error().fields.front().field + " " + result.error().fields.front().code;
    }

    std::vector<std::string> events(const std::string& type) {
        return support::must(read([&](store::Tx& tx) {
            return tx.list<std::string>("select subject from events where type = $1 order by id", type);
        }));
    }
};

}  // namespace catalog
