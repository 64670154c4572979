// The SQL of addresses. Each statement names the owner.
#pragma once

#include "users/addresses.hpp"

namespace users::queries {

std::vector<Address> list_addresses(store::Tx& tx, core::UserId owner, core::AddressId after,
                                    std::int64_t limit);
struct OwnedAddress : Address {
    core::UserId user_id;
};
BOOST_DESCRIBE_STRUCT(OwnedAddress, (Address), (user_id))
// Of all these accounts, in the order of their making.
std::vector<OwnedAddress> list_addresses_of(store::Tx& tx, const std::vector<std::string>& owners);
std::optional<Address> find_address(store::Tx& tx, core::UserId owner, core::AddressId address);
std::optional<PostalAddress> find_postal_address(store::Tx& tx, core::UserId owner, core::AddressId address);
void insert_address(store::Tx& tx, core::UserId owner, core::AddressId id, const PostalAddress& address);
// False if there is no such address of that owner.
bool update_address(store::Tx& tx, core::UserId owner, const AddressPatch& patch);
bool delete_address(store::Tx& tx, core::UserId owner, core::AddressId address);

// Counts one address more. False if the owner has `max` already.
bool take_place(store::Tx& tx, core::UserId owner, std::int64_t max);
// Counts one less, and makes it nobody's default.
void release_place(store::Tx& tx, core::UserId owner, core::AddressId address);

void set_default_shipping(store::Tx& tx, core::UserId owner, core::AddressId address, bool is_default);
void set_default_billing(store::Tx& tx, core::UserId owner, core::AddressId address, bool is_default);

}  // namespace users::queries
