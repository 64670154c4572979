// Addresses: one's own only (SE-12), one default of each kind, and no more than the limit.
#include "users/addresses.hpp"

#include "support/test_database.hpp"

#include <thread>

namespace users {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

class Addresses : public support::OnBothEngines {
protected:
    core::Caller sign_up(std::string_view address) {
        NewUser user{.email = *core::Email::from_text(address),
                     .name = core::Text<1, 200>::trusted("Ann"),
                     .password_hash = "hash"};
        core::Caller caller;
        caller.user = must(write([&](store::Tx& tx) { return create_user(tx, user); })).id;
        return caller;
    }
    static NewAddress home() {
        NewAddress address;
        address.name = core::Text<1, 200>::trusted("Ann Example");
        address.company = core::Text<0, 200>::trusted("Example Ltd");
        address.line1 = core::Text<1, 200>::trusted("1 High Street");
        address.city = core::Text<1, 100>::trusted("Berlin");
        address.postal_code = core::Text<1, 20>::trusted("10115");
        address.country = core::CountryCode::trusted("DE");
        return address;
    }
    core::Result<Address> add(const core::Caller& caller, const NewAddress& address) {
        return write([&](store::Tx& tx) { return create_address(tx, caller, address); });
    }
    core::Result<Address> change(const core::Caller& caller, const AddressPatch& patch) {
        return write([&](store::Tx& tx) { return update_address(tx, caller, patch); });
    }
    core::Result<Address> get(const core::Caller& caller, core::AddressId id) {
        return read([&](store::Tx& tx) { return get_address(tx, caller, {id}); });
    }
    core::Result<void> remove(const core::Caller& caller, core::AddressId id) {
        return write([&](store::Tx& tx) { return delete_address(tx, caller, {id}); });
    }
};
KONTOR_ON_BOTH_ENGINES(Addresses);

TEST_P(Addresses, AreKeptAsGiven) {
    auto ann = sign_up("ann@example.com");
    Address added = must(add(ann, home()));
    Address found = must(get(ann, added.id));
    EXPECT_EQ(found.company->text(), "Example Ltd");
    EXPECT_FALSE(found.line2);
    EXPECT_EQ(found.country.text(), "DE");
    EXPECT_FALSE(found.is_default_shipping);
    PostalAddress postal =
        must(read([&](store::Tx& tx) { return get_postal_address(tx, *ann.user, added.id); }));
    EXPECT_EQ(postal.city.text(), "Berlin");
}

TEST_P(Addresses, OfSomebodyElseDoNotExist) {
    auto ann = sign_up("ann@example.com");
    auto eve = sign_up("eve@example.com");
    auto id = must(add(ann, home())).id;
    EXPECT_EQ(error_code(get(eve, id)), ErrorCode::not_found);
    EXPECT_EQ(error_code(change(eve, {.id = id, .is_default_shipping = true})), ErrorCode::not_found);
    EXPECT_EQ(error_code(remove(eve, id)), ErrorCode::not_found);
    EXPECT_EQ(error_code(read([&](store::Tx& tx) { return get_postal_address(tx, *eve.user, id); })),
              ErrorCode::not_found);
    auto list = must(read([&](store::Tx& tx) { return list_addresses(tx, eve, {}); }));
    EXPECT_TRUE(list.data.empty());
    EXPECT_TRUE(get(ann, id));
}

TEST_P(Addresses, ANewDefaultTakesThePlaceOfTheOldOne) {
    auto ann = sign_up("ann@example.com");
    NewAddress default_home = home();
    default_home.is_default_shipping = default_home.is_default_billing = true;
    auto first = must(add(ann, default_home)).id;
    auto second = must(add(ann, home())).id;
    EXPECT_TRUE(must(change(ann, {.id = second, .is_default_shipping = true})).is_default_shipping);
    EXPECT_FALSE(must(get(ann, first)).is_default_shipping);
    EXPECT_TRUE(must(get(ann, first)).is_default_billing);

    // Taking the mark off one that hasn't it changes nothing.
    must(change(ann, {.id = first, .is_default_shipping = false}));
    EXPECT_TRUE(must(get(ann, second)).is_default_shipping);
    must(remove(ann, second));
    EXPECT_FALSE(must(get(ann, first)).is_default_shipping);
}

TEST_P(Addresses, ChangeOnlyWhatIsGiven) {
    auto ann = sign_up("ann@example.com");
    auto id = must(add(ann, home())).id;
    AddressPatch patch{.id = id};
    patch.city = {true, core::Text<1, 100>::trusted("Potsdam")};
    patch.company = {true, std::nullopt};
    Address changed = must(change(ann, patch));
    EXPECT_EQ(changed.city.text(), "Potsdam");
    EXPECT_FALSE(changed.company);
    EXPECT_EQ(changed.line1.text(), "1 High Street");

    AddressPatch nowhere{.id = id};
    nowhere.country.given = true;
    auto refused = change(ann, nowhere);
    ASSERT_EQ(error_code(refused), ErrorCode::validation_failed);
    EXPECT_EQ(refused.error().fields.at(0).field, "/country");
}

TEST_P(Addresses, AreListedInPages) {
    auto ann = sign_up("ann@example.com");
    std::vector<core::AddressId> added;
    for (int i = 0; i < 3; ++i) {
        added.push_back(must(add(ann, home())).id);
        clock.advance(std::chrono::milliseconds(2));
    }
    auto page =
        must(read([&](store::Tx& tx) { return list_addresses(tx, ann, {.limit = core::PageLimit(2)}); }));
    ASSERT_EQ(page.data.size(), 2u);
    EXPECT_EQ(page.data[0].id, added[0]);
    auto cursor = *core::Cursor::from_text(*page.next_cursor);
    page = must(read([&](store::Tx& tx) { return list_addresses(tx, ann, {.cursor = cursor}); }));
    ASSERT_EQ(page.data.size(), 1u);
    EXPECT_EQ(page.data[0].id, added[2]);
}

TEST_P(Addresses, AreNotMoreThanTheLimitAlsoWhenAddedAtOnce) {
    auto ann = sign_up("ann@example.com");
    std::atomic<int> added = 0;
    auto add_many = [&] {
        for (int i = 0; i < 20; ++i) {
            if (add(ann, home())) ++added;
        }
    };
    {
        std::jthread first(add_many), second(add_many), third(add_many);
    }
    EXPECT_EQ(added, addresses_per_user_max);
    EXPECT_EQ(error_code(add(ann, home())), ErrorCode::conflict);
    auto list =
        must(read([&](store::Tx& tx) { return list_addresses(tx, ann, {.limit = core::PageLimit(100)}); }));
    ASSERT_EQ(list.data.size(), static_cast<std::size_t>(addresses_per_user_max));
    must(remove(ann, list.data[0].id));
    EXPECT_TRUE(add(ann, home()));
}

}  // namespace
}  // namespace users
