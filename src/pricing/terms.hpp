// What the shop adds to the price of goods and takes off it: shipping methods, tax rates and discount codes,
// as staff set them and as they are shown.
#pragma once

#include "core/caller.hpp"
#include "core/money.hpp"
#include "core/page.hpp"
#include "core/time.hpp"
#include "store/tx.hpp"

namespace pricing {

using ShippingMethodId = core::Id<"smt">;
using TaxRateId = core::Id<"txr">;
using DiscountId = core::Id<"dsc">;

// Millionths of the whole: 190000 is 19 %, 88750 is 8.875 %. An integer, as every rate and amount here is.
using Ppm = core::Int<0, 1'000'000>;
inline constexpr std::int64_t ppm_of_whole = 1'000'000;

using Amount = core::Int<0, core::amount_max>;

inline constexpr std::size_t tiers_max = 50;       // of one shipping method
inline constexpr std::size_t methods_max = 200;    // a quote looks at all of them
inline constexpr std::size_t countries_max = 250;  // as many as there are

enum class ShippingKind { flat, by_weight };
BOOST_DESCRIBE_ENUM(ShippingKind, flat, by_weight)

struct WeightTier {
    core::Int<1, 1'000'000'000> up_to_grams;
    Amount price;
};
BOOST_DESCRIBE_STRUCT(WeightTier, (), (up_to_grams, price))

// flat costs `price`; by_weight costs what the first tier says that is heavy enough, and doesn't take what is
// heavier than the last. `free_from`: costs nothing from that sum of goods, after discount, on.
struct NewShippingMethod {
    core::Text<1, 100> name;
    ShippingKind kind = ShippingKind::flat;
    core::Currency currency;
    std::vector<core::CountryCode> countries;  // none: everywhere
    std::optional<Amount> price;
    std::vector<WeightTier> tiers;
    std::optional<Amount> free_from;
    std::optional<bool> active;  // default: yes
    std::optional<core::Int<0, 10'000>> position;
};
BOOST_DESCRIBE_STRUCT(NewShippingMethod, (),
                      (name, kind, currency, countries, price, tiers, free_from, active, position))

struct ShippingMethodReplacement : NewShippingMethod {
    ShippingMethodId id;
};
BOOST_DESCRIBE_STRUCT(ShippingMethodReplacement, (NewShippingMethod), (id))

struct ShippingMethod {
    ShippingMethodId id;
    std::string name;
    ShippingKind kind = ShippingKind::flat;
    core::Currency currency;
    std::vector<core::CountryCode> countries;
    std::int64_t price = 0;
    std::vector<WeightTier> tiers;
    std::optional<std::int64_t> free_from;
    bool active = true;
    std::int64_t position = 0;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(ShippingMethod, (),
                      (id, name, kind, currency, countries, price, tiers, free_from, active, position,
                       created_at, updated_at))

// A rate for a region goes before that of its country; without one nothing is taxed. `included`: prices have
// the tax in them (Europe), else it is added (North America).
struct NewTaxRate {
    core::Text<1, 100> name;
    core::CountryCode country;
    std::optional<core::Text<0, 100>> region;
    Ppm rate_ppm;
    bool included = false;
    bool on_shipping = false;
};
BOOST_DESCRIBE_STRUCT(NewTaxRate, (), (name, country, region, rate_ppm, included, on_shipping))

struct TaxRateReplacement : NewTaxRate {
    TaxRateId id;
};
BOOST_DESCRIBE_STRUCT(TaxRateReplacement, (NewTaxRate), (id))

struct TaxRate {
    TaxRateId id;
    std::string name;
    core::CountryCode country;
    std::string region;
    std::int64_t rate_ppm = 0;
    bool included = false;
    bool on_shipping = false;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(TaxRate, (),
                      (id, name, country, region, rate_ppm, included, on_shipping, created_at, updated_at))

enum class DiscountKind { percent, fixed, free_shipping };
BOOST_DESCRIBE_ENUM(DiscountKind, percent, fixed, free_shipping)

using DiscountCode = core::Text<1, 50>;

// percent needs percent_ppm, fixed needs amount and currency. `minimum` is a sum of goods before the
// discount; it needs a currency too.
struct NewDiscount {
    DiscountCode code;
    DiscountKind kind = DiscountKind::percent;
    std::optional<core::Int<1, ppm_of_whole>> percent_ppm;
    std::optional<core::Int<1, core::amount_max>> amount;
    std::optional<core::Currency> currency;
    std::optional<Amount> minimum;
    std::optional<core::Time> starts_at;
    std::optional<core::Time> ends_at;
    std::optional<core::Int<1, 1'000'000'000>> uses_max;
    std::optional<core::Int<1, 1'000'000>> uses_per_customer_max;
    std::optional<bool> active;
};
BOOST_DESCRIBE_STRUCT(NewDiscount, (),
                      (code, kind, percent_ppm, amount, currency, minimum, starts_at, ends_at, uses_max,
                       uses_per_customer_max, active))

struct DiscountReplacement : NewDiscount {
    DiscountId id;
};
BOOST_DESCRIBE_STRUCT(DiscountReplacement, (NewDiscount), (id))

struct Discount {
    DiscountId id;
    std::string code;
    DiscountKind kind = DiscountKind::percent;
    std::int64_t percent_ppm = 0;
    std::int64_t amount = 0;
    std::optional<core::Currency> currency;
    std::int64_t minimum = 0;
    std::optional<core::Time> starts_at;
    std::optional<core::Time> ends_at;
    std::optional<std::int64_t> uses_max;
    std::optional<std::int64_t> uses_per_customer_max;
    bool active = true;
    std::int64_t uses = 0;  // orders that stand
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Discount, (),
                      (id, code, kind, percent_ppm, amount, currency, minimum, starts_at, ends_at, uses_max,
                       uses_per_customer_max, active, uses, created_at, updated_at))

struct ShippingMethodPath {
    ShippingMethodId id;
};
BOOST_DESCRIBE_STRUCT(ShippingMethodPath, (), (id))
struct TaxRatePath {
    TaxRateId id;
};
BOOST_DESCRIBE_STRUCT(TaxRatePath, (), (id))
struct DiscountPath {
    DiscountId id;
};
BOOST_DESCRIBE_STRUCT(DiscountPath, (), (id))
struct TermsQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(TermsQuery, (), (limit, cursor))

// Staff's side: the routes ask for settings:write (shipping, taxes) or catalog:write (discounts). 422 where a
// kind lacks what it needs; 409 tax_rate_taken, discount_code_taken. What is replaced or deleted stays as it
// was in orders that used it.
core::Result<ShippingMethod> create_shipping_method(store::Tx& tx, const core::Caller& caller,
                                                    const NewShippingMethod& in);
core::Result<ShippingMethod> replace_shipping_method(store::Tx& tx, const core::Caller& caller,
                                                     const ShippingMethodReplacement& in);
core::Result<ShippingMethod> get_shipping_method(store::Tx& tx, const core::Caller& caller,
                                                 const ShippingMethodPath& in);
core::Result<void> delete_shipping_method(store::Tx& tx, const core::Caller& caller,
                                          const ShippingMethodPath& in);
core::Result<core::List<ShippingMethod>> list_shipping_methods(store::Tx& tx, const core::Caller& caller,
                                                               const TermsQuery& in);

core::Result<TaxRate> create_tax_rate(store::Tx& tx, const core::Caller& caller, const NewTaxRate& in);
core::Result<TaxRate> replace_tax_rate(store::Tx& tx, const core::Caller& caller,
                                       const TaxRateReplacement& in);
core::Result<TaxRate> get_tax_rate(store::Tx& tx, const core::Caller& caller, const TaxRatePath& in);
core::Result<void> delete_tax_rate(store::Tx& tx, const core::Caller& caller, const TaxRatePath& in);
core::Result<core::List<TaxRate>> list_tax_rates(store::Tx& tx, const core::Caller& caller,
                                                 const TermsQuery& in);

core::Result<Discount> create_discount(store::Tx& tx, const core::Caller& caller, const NewDiscount& in);
core::Result<Discount> replace_discount(store::Tx& tx, const core::Caller& caller,
                                        const DiscountReplacement& in);
core::Result<Discount> get_discount(store::Tx& tx, const core::Caller& caller, const DiscountPath& in);
core::Result<void> delete_discount(store::Tx& tx, const core::Caller& caller, const DiscountPath& in);
core::Result<core::List<Discount>> list_discounts(store::Tx& tx, const core::Caller& caller,
                                                  const TermsQuery& in);

}  // namespace pricing
