// What a Mongoose shop calls things: guesses by the usual names, and a file of the owner's own where they are
// called otherwise. docs/moving-in.md lists what can be named.
#pragma once

#include "orders/orders.hpp"

#include <filesystem>

namespace movein {

// A member, or one within others: "pricing.retail".
using Path = core::Text<1, 200>;
using Paths = std::map<std::string, Path>;

enum class PriceUnit { major, minor };
BOOST_DESCRIBE_ENUM(PriceUnit, major, minor)
enum class WeightUnit { g, kg, oz, lb };
BOOST_DESCRIBE_ENUM(WeightUnit, g, kg, oz, lb)

struct Mapping {
    std::optional<core::Currency> currency;                  // of prices that come without one
    std::optional<PriceUnit> prices;                         // 19.99 or 1999; default: major
    std::optional<WeightUnit> weights;                       // without it no weight is taken
    std::optional<core::CountryCode> country;                // of addresses that come without one
    std::map<std::string, std::optional<Path>> collections;  // null: not taken
    Paths users;
    Paths categories;
    Paths products;
    Paths variants;
    Paths carts;
    Paths cart_lines;
    Paths orders;
    Paths order_lines;
    Paths addresses;
    std::map<std::string, orders::OrderStatus> order_statuses;
    std::map<std::string, orders::PaymentStatus> payment_statuses;
    std::map<std::string, core::CountryCode> countries;  // "Deutschland": DE
};
BOOST_DESCRIBE_STRUCT(Mapping, (),
                      (currency, prices, weights, country, collections, users, categories, products, variants,
                       carts, cart_lines, orders, order_lines, addresses, order_statuses, payment_statuses,
                       countries))

// Throws std::runtime_error that says what is wrong with the file.
Mapping read_mapping(const std::filesystem::path& file);

// What of documents of one kind is taken, each member with the names to look for it by, the likeliest first.
class Names {
public:
    struct Guess {
        std::string_view member;
        std::string_view paths;  // by spaces
    };
    // What the owner says of a member stands in place of the guesses. Throws std::runtime_error for members
    // that there are none of; `section` is the mapping's.
    Names(std::string_view section, std::span<const Guess> guesses, const Paths& said);

    const std::vector<std::string>& of(std::string_view member) const;

private:
    std::map<std::string, std::vector<std::string>, std::less<>> paths_;
};

// The names of everything, checked.
struct Vocabulary {
    explicit Vocabulary(const Mapping& mapping);

    Names collections;  // their names instead of paths
    Names users;
    Names categories;
    Names products;
    Names variants;
    Names carts;
    Names cart_lines;
    Names orders;
    Names order_lines;
    Names addresses;
};

}  // namespace movein
