#include "users/address_queries.hpp"

namespace users::queries {
namespace {

// A macro, because the text of a statement must be one literal.
#define POSTAL_COLUMNS \
    "a.name, a.company, a.line1, a.line2, a.city, a.region, a.postal_code, a.country, a.phone"
#define ADDRESS_COLUMNS                                                                  \
    POSTAL_COLUMNS                                                                       \
    ", a.id, cast(case when u.default_shipping_id = a.id then 1 else 0 end as bigint), " \
    "cast(case when u.default_billing_id = a.id then 1 else 0 end as bigint), a.created_at, a.updated_at"
#define OF_OWNER " from addresses a join users u on u.id = a.user_id "
#define ADDRESS_SELECT "select " ADDRESS_COLUMNS OF_OWNER

constexpr store::Sql list_sql = ADDRESS_SELECT "where a.user_id = $1 and a.id > $2 order by a.id limit $3";
constexpr store::Sql list_of_sql =
    "select " ADDRESS_COLUMNS ", a.user_id" OF_OWNER "where a.user_id = any($1) order by a.id";
constexpr store::Sql find_sql = ADDRESS_SELECT "where a.user_id = $1 and a.id = $2";
constexpr store::Sql find_postal_sql =
    "select " POSTAL_COLUMNS " from addresses a where a.user_id = $1 and a.id = $2";

constexpr store::Sql insert_sql =
    "insert into addresses (id, user_id, name, company, line1, line2, city, region, postal_code, country, "
    "phone, "
    "created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)";

// One statement, so that two changes of different members at once both stay.
constexpr store::Sql update_sql =
    "update addresses set name = coalesce($3, name), line1 = coalesce($4, line1), city = coalesce($5, city), "
    "postal_code = coalesce($6, postal_code), country = coalesce($7, country), "
    "company = case when $8 = 1 then $9 else company end, line2 = case when $10 = 1 then $11 else line2 end, "
    "region = case when $12 = 1 then $13 else region end, phone = case when $14 = 1 then $15 else phone end, "
    "updated_at = $16 where user_id = $1 and id = $2";

constexpr store::Sql delete_sql = "delete from addresses where user_id = $1 and id = $2";

constexpr store::Sql take_place_sql =
    "update users set address_count = address_count + 1 where id = $1 and address_count < $2";
constexpr store::Sql release_place_sql =
    "update users set address_count = address_count - 1, "
    "default_shipping_id = case when default_shipping_id = $2 then null else default_shipping_id end, "
    "default_billing_id = case when default_billing_id = $2 then null else default_billing_id end where id = "
    "$1";

constexpr store::Sql set_shipping_sql = "update users set default_shipping_id = $2 where id = $1";
constexpr store::Sql clear_shipping_sql =
    "update users set default_shipping_id = null where id = $1 and default_shipping_id = $2";
constexpr store::Sql set_billing_sql = "update users set default_billing_id = $2 where id = $1";
constexpr store::Sql clear_billing_sql =
    "update users set default_billing_id = null where id = $1 and default_billing_id = $2";

}  // namespace

std::vector<Address> list_addresses(store::Tx& tx, core::UserId owner, core::AddressId after,
                                    std::int64_t limit) {
    return tx.list<Address>(list_sql, owner, after, limit);
}

std::vector<OwnedAddress> list_addresses_of(store::Tx& tx, const std::vector<std::string>& owners) {
    return tx.list<OwnedAddress>(list_of_sql, owners);
}

std::optional<Address> find_address(store::Tx& tx, core::UserId owner, core::AddressId address) {
    return tx.find<Address>(find_sql, owner, address);
}

std::optional<PostalAddress> find_postal_address(store::Tx& tx, core::UserId owner, core::AddressId address) {
    return tx.find<PostalAddress>(find_postal_sql, owner, address);
}

void insert_address(store::Tx& tx, core::UserId owner, core::AddressId id, const PostalAddress& address) {
    tx.run(insert_sql, id, owner, address.name, address.company, address.line1, address.line2, address.city,
           address.region, address.postal_code, address.country, address.phone, tx.now());
}

bool update_address(store::Tx& tx, core::UserId owner, const AddressPatch& patch) {
    return tx.count_changed(update_sql, owner, patch.id, patch.name.value, patch.line1.value,
                            patch.city.value, patch.postal_code.value, patch.country.value,
                            patch.company.given, patch.company.value, patch.line2.given, patch.line2.value,
                            patch.region.given, patch.region.value, patch.phone.given, patch.phone.value,
                            tx.now()) > 0;
}

bool delete_address(store::Tx& tx, core::UserId owner, core::AddressId address) {
    return tx.count_changed(delete_sql, owner, address) > 0;
}

bool take_place(store::Tx& tx, core::UserId owner, std::int64_t max) {
    return tx.count_changed(take_place_sql, owner, max) > 0;
}

void release_place(store::Tx& tx, core::UserId owner, core::AddressId address) {
    tx.run(release_place_sql, owner, address);
}

void set_default_shipping(store::Tx& tx, core::UserId owner, core::AddressId address, bool is_default) {
    tx.run(is_default ? set_shipping_sql : clear_shipping_sql, owner, address);
}

void set_default_billing(store::Tx& tx, core::UserId owner, core::AddressId address, bool is_default) {
    tx.run(is_default ? set_billing_sql : clear_billing_sql, owner, address);
}

}  // namespace users::queries
