#include "pricing/queries.hpp"

#include "core/json_read.hpp"
#include "core/json_write.hpp"

#define METHOD_COLUMNS \
    "id, name, kind, currency, countries, price, tiers, free_from, active, position, created_at, updated_at"
#define RATE_COLUMNS "id, name, country, region, rate_ppm, included, on_shipping, created_at, updated_at"
#define DISCOUNT_COLUMNS                                                                    \
    "id, code, kind, percent_ppm, amount, currency, minimum, starts_at, ends_at, uses_max," \
    " uses_per_customer_max, active, uses, created_at, updated_at"

namespace pricing::queries {
namespace {

struct MethodRow {
    ShippingMethodId id;
    std::string name;
    ShippingKind kind = ShippingKind::flat;
    core::Currency currency;
    std::string countries;
    std::int64_t price = 0;
    std::string tiers;
    std::optional<std::int64_t> free_from;
    bool active = true;
    std::int64_t position = 0;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(MethodRow, (),
                      (id, name, kind, currency, countries, price, tiers, free_from, active, position,
                       created_at, updated_at))

template <class T>
T stored(const std::string& json) {
    auto value = core::from_json<T>(json);
    if (!value) throw std::runtime_error("a shipping method holds malformed terms: " + value.error().detail);
    return std::move(*value);
}

ShippingMethod method_of(MethodRow row) {
    return {row.id,
            std::move(row.name),
            row.kind,
            row.currency,
            stored<std::vector<core::CountryCode>>(row.countries),
            row.price,
            stored<std::vector<WeightTier>>(row.tiers),
            row.free_from,
            row.active,
            row.position,
            row.created_at,
            row.updated_at};
}

std::vector<ShippingMethod> methods_of(std::vector<MethodRow> rows) {
    std::vector<ShippingMethod> methods;
    for (auto& row : rows)
        methods.push_back(method_of(std::move(row)));
    return methods;
}

}  // namespace

void insert(store::Tx& tx, const ShippingMethod& m) {
    tx.run("insert into shipping_methods (" METHOD_COLUMNS
           ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
           m.id, m.name, m.kind, m.currency, core::to_json(m.countries), m.price, core::to_json(m.tiers),
           m.free_from, m.active, m.position, m.created_at, m.updated_at);
}

bool replace(store::Tx& tx, const ShippingMethod& m) {
    return tx.count_changed(
               "update shipping_methods set name = $2, kind = $3, currency = $4, countries = $5, price = $6,"
               " tiers = $7, free_from = $8, active = $9, position = $10, updated_at = $11 where id = $1",
               m.id, m.name, m.kind, m.currency, core::to_json(m.countries), m.price, core::to_json(m.tiers),
               m.free_from, m.active, m.position, m.updated_at) > 0;
}

std::optional<ShippingMethod> find(store::Tx& tx, ShippingMethodId id) {
    auto row = tx.find<MethodRow>("select " METHOD_COLUMNS " from shipping_methods where id = $1", id);
    if (!row) return {};
    return method_of(std::move(*row));
}

bool remove(store::Tx& tx, ShippingMethodId id) {
    return tx.count_changed("delete from shipping_methods where id = $1", id) > 0;
}

std::vector<ShippingMethod> list_methods(store::Tx& tx, ShippingMethodId after, std::int64_t limit) {
    return methods_of(tx.list<MethodRow>(
        "select " METHOD_COLUMNS " from shipping_methods where id > $1 order by id limit $2", after, limit));
}

store::Asked<ShippingMethod> ask_active_methods(store::Tx& tx, std::int64_t limit) {
    return tx.ask_as<MethodRow>(method_of,
                                "select " METHOD_COLUMNS
                                " from shipping_methods where active = 1 order by position, id limit $1",
                                limit);
}

std::int64_t count_methods(store::Tx& tx) {
    return tx.get<std::int64_t>("select count(*) from shipping_methods");
}

void insert(store::Tx& tx, const TaxRate& r) {
    tx.run("insert into tax_rates (" RATE_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", r.id,
           r.name, r.country, r.region, r.rate_ppm, r.included, r.on_shipping, r.created_at, r.updated_at);
}

bool replace(store::Tx& tx, const TaxRate& r) {
    return tx.count_changed(
               "update tax_rates set name = $2, country = $3, region = $4, rate_ppm = $5, included = $6,"
               " on_shipping = $7, updated_at = $8 where id = $1",
               r.id, r.name, r.country, r.region, r.rate_ppm, r.included, r.on_shipping, r.updated_at) > 0;
}

std::optional<TaxRate> find(store::Tx& tx, TaxRateId id) {
    return tx.find<TaxRate>("select " RATE_COLUMNS " from tax_rates where id = $1", id);
}

bool remove(store::Tx& tx, TaxRateId id) {
    return tx.count_changed("delete from tax_rates where id = $1", id) > 0;
}

std::vector<TaxRate> list_rates(store::Tx& tx, TaxRateId after, std::int64_t limit) {
    return tx.list<TaxRate>("select " RATE_COLUMNS " from tax_rates where id > $1 order by id limit $2",
                            after, limit);
}

store::Asked<TaxRate> ask_rate_for(store::Tx& tx, const core::CountryCode& country,
                                   const std::string& region) {
    return tx.ask<TaxRate>("select " RATE_COLUMNS
                           " from tax_rates where country = $1 and (region = '' or region = $2)"
                           " order by region desc limit 1",
                           country, region);
}

void insert(store::Tx& tx, const Discount& d, const std::string& code_key) {
    tx.run("insert into discounts (" DISCOUNT_COLUMNS
           ", code_key)"
           " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
           d.id, d.code, d.kind, d.percent_ppm, d.amount, d.currency, d.minimum, d.starts_at, d.ends_at,
           d.uses_max, d.uses_per_customer_max, d.active, d.uses, d.created_at, d.updated_at, code_key);
}

bool replace(store::Tx& tx, const Discount& d, const std::string& code_key) {
    return tx.count_changed(
               "update discounts set code = $2, code_key = $3, kind = $4, percent_ppm = $5, amount = $6,"
               " currency = $7, minimum = $8, starts_at = $9, ends_at = $10, uses_max = $11,"
               " uses_per_customer_max = $12, active = $13, updated_at = $14 where id = $1",
               d.id, d.code, code_key, d.kind, d.percent_ppm, d.amount, d.currency, d.minimum, d.starts_at,
               d.ends_at, d.uses_max, d.uses_per_customer_max, d.active, d.updated_at) > 0;
}

std::optional<Discount> find(store::Tx& tx, DiscountId id) {
    return tx.find<Discount>("select " DISCOUNT_COLUMNS " from discounts where id = $1", id);
}

bool remove(store::Tx& tx, DiscountId id) {
    return tx.count_changed("delete from discounts where id = $1", id) > 0;
}

std::vector<Discount> list_discounts(store::Tx& tx, DiscountId after, std::int64_t limit) {
    return tx.list<Discount>("select " DISCOUNT_COLUMNS " from discounts where id > $1 order by id limit $2",
                             after, limit);
}

store::Asked<Discount> ask_discount_by_code(store::Tx& tx, const std::string& code_key) {
    return tx.ask<Discount>("select " DISCOUNT_COLUMNS " from discounts where code_key = $1", code_key);
}

}  // namespace pricing::queries
