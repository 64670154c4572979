#include "users/addresses.hpp"

#include "users/address_queries.hpp"

namespace users {
namespace {

constexpr std::string_view list_order = "oldest";

void set_defaults(store::Tx& tx, core::UserId owner, core::AddressId address, std::optional<bool> shipping,
                  std::optional<bool> billing) {
    if (shipping) queries::set_default_shipping(tx, owner, address, *shipping);
    if (billing) queries::set_default_billing(tx, owner, address, *billing);
}

std::optional<bool> only_if_true(bool flag) {
    return flag ? std::optional(true) : std::nullopt;
}

// What every address has can be changed, but not removed.
core::Result<void> refuse_removal(const AddressPatch& patch) {
    core::Result<void> result;
    auto check = [&](const char* field, const auto& member) {
        if (result && member.given && !member.value)
            result = core::fail_field(field, "required", "An address needs this.");
    };
    check("/name", patch.name);
    check("/line1", patch.line1);
    check("/city", patch.city);
    check("/postal_code", patch.postal_code);
    check("/country", patch.country);
    return result;
}

core::Result<Address> found_or_error(std::optional<Address> address) {
    if (!address) return core::not_found("address");
    return std::move(*address);
}

}  // namespace

core::Result<core::List<Address>> list_addresses(store::Tx& tx, const core::Caller& caller,
                                                 const AddressQuery& query) {
    auto after = core::place_of(query.cursor, list_order, core::AddressId::lowest());
    if (!after) return std::unexpected(std::move(after.error()));
    std::int64_t limit = query.limit.value_or(core::page_limit_default);
    auto rows = queries::list_addresses(tx, *caller.user, *after, limit + 1);
    return core::page_by_id(std::move(rows), limit, list_order);
}

core::Result<Address> get_address(store::Tx& tx, const core::Caller& caller, const AddressRef& ref) {
    return found_or_error(queries::find_address(tx, *caller.user, ref.id));
}

core::Result<PostalAddress> get_postal_address(store::Tx& tx, core::UserId owner, core::AddressId address) {
    auto found = queries::find_postal_address(tx, owner, address);
    if (!found) return core::not_found("address");
    return std::move(*found);
}

core::Result<Address> create_address(store::Tx& tx, const core::Caller& caller, const NewAddress& address) {
    if (auto fits = check_by_country(address); !fits) return std::unexpected(std::move(fits.error()));
    core::UserId owner = *caller.user;
    auto id = core::AddressId::at(tx.now());
    if (!queries::take_place(tx, owner, addresses_per_user_max)) {
        return core::fail(
            core::ErrorCode::conflict,
            "An account keeps at most " + std::to_string(addresses_per_user_max) + " addresses.");
    }
    queries::insert_address(tx, owner, id, address);
    set_defaults(tx, owner, id, only_if_true(address.is_default_shipping),
                 only_if_true(address.is_default_billing));
    tx.append_event("user.updated", owner.str());
    return found_or_error(queries::find_address(tx, owner, id));
}

core::Result<Address> update_address(store::Tx& tx, const core::Caller& caller, const AddressPatch& patch) {
    core::UserId owner = *caller.user;
    if (auto allowed = refuse_removal(patch); !allowed) return std::unexpected(std::move(allowed.error()));
    if (!queries::update_address(tx, owner, patch)) return core::not_found("address");
    auto changed = queries::find_postal_address(tx, owner, patch.id);
    if (auto fits = check_by_country(*changed); !fits) return std::unexpected(std::move(fits.error()));
    set_defaults(tx, owner, patch.id, patch.is_default_shipping, patch.is_default_billing);
    tx.append_event("user.updated", owner.str());
    return found_or_error(queries::find_address(tx, owner, patch.id));
}

core::Result<void> delete_address(store::Tx& tx, const core::Caller& caller, const AddressRef& ref) {
    core::UserId owner = *caller.user;
    if (!queries::delete_address(tx, owner, ref.id)) return core::not_found("address");
    queries::release_place(tx, owner, ref.id);
    tx.append_event("user.updated", owner.str());
    return {};
}

}  // namespace users
