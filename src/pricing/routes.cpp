#include "pricing/routes.hpp"

#include "pricing/pricing.hpp"

namespace pricing {
namespace {

// Rules that answer nothing, as endpoints.
template <class In>
auto done(core::Result<void> (*rule)(store::Tx&, const core::Caller&, const In&)) {
    return [rule](store::Tx& tx, const core::Caller& caller, const In& in) -> core::Result<http::Nothing> {
        auto result = rule(tx, caller, in);
        if (!result) return std::unexpected(std::move(result.error()));
        return http::Nothing{};
    };
}

}  // namespace

void add_routes(http::Api& api) {
    constexpr auto settings = http::needs(core::Permission::settings_write);
    constexpr auto catalog = http::needs(core::Permission::catalog_write);
    api.room("pricing");
    api.get("/v1/shipping-methods", settings, "List shipping methods").reads(list_shipping_methods);
    api.post("/v1/shipping-methods", settings, "Add a shipping method: flat or by weight, for some countries")
        .answers(201)
        .writes(create_shipping_method);
    api.get("/v1/shipping-methods/{id}", settings, "Read a shipping method").reads(get_shipping_method);
    api.put("/v1/shipping-methods/{id}", settings, "Replace a shipping method")
        .guarded_by(get_shipping_method)
        .writes(replace_shipping_method);
    api.del("/v1/shipping-methods/{id}", settings, "Delete a shipping method; orders keep theirs")
        .guarded_by(get_shipping_method)
        .writes(done(delete_shipping_method));

    api.get("/v1/tax-rates", settings, "List tax rates").reads(list_tax_rates);
    api.post("/v1/tax-rates", settings, "Add the tax rate of a country or of one of its regions")
        .answers(201)
        .writes(create_tax_rate);
    api.get("/v1/tax-rates/{id}", settings, "Read a tax rate").reads(get_tax_rate);
    api.put("/v1/tax-rates/{id}", settings, "Replace a tax rate")
        .guarded_by(get_tax_rate)
        .writes(replace_tax_rate);
    api.del("/v1/tax-rates/{id}", settings, "Delete a tax rate; orders keep theirs")
        .guarded_by(get_tax_rate)
        .writes(done(delete_tax_rate));

    api.get("/v1/discounts", catalog, "List discount codes").reads(list_discounts);
    api.post("/v1/discounts", catalog, "Add a discount code: percent, fixed or free shipping, with limits")
        .answers(201)
        .writes(create_discount);
    api.get("/v1/discounts/{id}", catalog, "Read a discount code and how often it was used")
        .reads(get_discount);
    api.put("/v1/discounts/{id}", catalog, "Replace a discount code; its uses stay counted")
        .guarded_by(get_discount)
        .writes(replace_discount);
    api.del("/v1/discounts/{id}", catalog, "Delete a discount code; orders keep what it gave")
        .guarded_by(get_discount)
        .writes(done(delete_discount));
}

}  // namespace pricing
