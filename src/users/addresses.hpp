// The caller's own addresses. Everything here asks for the owner as well: somebody else's address doesn't
// exist. Called by routes.cpp.
#pragma once

#include "core/page.hpp"
#include "core/patch.hpp"
#include "users/users.hpp"

namespace users {

inline constexpr std::int64_t addresses_per_user_max = 50;  // more is a script, not a person

struct Address : PostalAddress {
    core::AddressId id;
    bool is_default_shipping = false;
    bool is_default_billing = false;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Address, (PostalAddress),
                      (id, is_default_shipping, is_default_billing, created_at, updated_at))

struct AddressQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(AddressQuery, (), (limit, cursor))

// In the order of their making.
core::Result<core::List<Address>> list_addresses(store::Tx& tx, const core::Caller& caller,
                                                 const AddressQuery& query);

struct AddressRef {
    core::AddressId id;
};
BOOST_DESCRIBE_STRUCT(AddressRef, (), (id))

core::Result<Address> get_address(store::Tx& tx, const core::Caller& caller, const AddressRef& ref);

struct NewAddress : PostalAddress {
    bool is_default_shipping = false;
    bool is_default_billing = false;
};
BOOST_DESCRIBE_STRUCT(NewAddress, (PostalAddress), (is_default_shipping, is_default_billing))

// A new default takes the place of the one before. Errors: conflict beyond addresses_per_user_max;
// validation_failed for what the country's post couldn't deliver to.
core::Result<Address> create_address(store::Tx& tx, const core::Caller& caller, const NewAddress& address);

struct AddressPatch {
    core::AddressId id;
    core::Patch<core::Text<1, 200>> name;
    core::Patch<core::Text<0, 200>> company;
    core::Patch<core::Text<1, 200>> line1;
    core::Patch<core::Text<0, 200>> line2;
    core::Patch<core::Text<1, 100>> city;
    core::Patch<core::Text<0, 100>> region;
    core::Patch<core::Text<1, 20>> postal_code;
    core::Patch<core::CountryCode> country;
    core::Patch<core::Text<0, 40>> phone;
    std::optional<bool> is_default_shipping;
    std::optional<bool> is_default_billing;
};
BOOST_DESCRIBE_STRUCT(AddressPatch, (),
                      (id, name, company, line1, line2, city, region, postal_code, country, phone,
                       is_default_shipping, is_default_billing))

core::Result<Address> update_address(store::Tx& tx, const core::Caller& caller, const AddressPatch& patch);
core::Result<void> delete_address(store::Tx& tx, const core::Caller& caller, const AddressRef& ref);

}  // namespace users
