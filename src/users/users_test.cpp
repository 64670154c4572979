// Accounts: one per address, what people may change of their own, and what staff may change of others'.
#include "users/accounts.hpp"

#include "support/test_database.hpp"

namespace users {
namespace {

using core::ErrorCode;
using core::Role;
using support::error_code;
using support::must;

core::Email email(std::string_view text) {
    return *core::Email::from_text(text);
}

class Users : public support::OnBothEngines {
protected:
    Profile add(std::string_view address, Role role = Role::customer, std::string name = "Ann Example") {
        clock.advance(std::chrono::milliseconds(1));  // ids of one millisecond are in no order
        NewUser user{.email = email(address),
                     .name = core::Text<1, 200>::trusted(std::move(name)),
                     .password_hash = "hash",
                     .role = role};
        return must(write([&](store::Tx& tx) { return create_user(tx, user); }));
    }
    core::Caller caller(const Profile& user) {
        core::Caller caller;
        caller.user = user.id;
        caller.role = user.role;
        caller.permissions = core::permissions_of(user.role);
        return caller;
    }
    core::Result<Account> change(const Profile& actor, AccountPatch patch) {
        return write([&](store::Tx& tx) { return update_account(tx, caller(actor), patch); });
    }
    std::vector<std::string> found(AccountQuery query) {
        auto list = must(read([&](store::Tx& tx) { return list_accounts(tx, {}, query); }));
        std::vector<std::string> addresses;
        for (const auto& account : list.data)
            addresses.push_back(account.email);
        return addresses;
    }
};
KONTOR_ON_BOTH_ENGINES(Users);

TEST_P(Users, OneAccountForAnAddressWhateverItsCase) {
    add("Ann@Example.com");
    NewUser again{
        .email = email("ann@example.COM"), .name = core::Text<1, 200>::trusted("Ann"), .password_hash = "x"};
    EXPECT_EQ(error_code(write([&](store::Tx& tx) { return create_user(tx, again); })),
              ErrorCode::email_taken);
}

TEST_P(Users, ProfileShowsWhatTheRoleMayDo) {
    Profile support = add("sue@example.com", Role::support);
    Profile read_again = must(read([&](store::Tx& tx) { return get_profile(tx, support.id); }));
    EXPECT_EQ(read_again.email, "sue@example.com");
    EXPECT_EQ(read_again.permissions, (std::vector<std::string>{"orders:read", "users:read", "chat:agent"}));
    EXPECT_FALSE(read_again.email_verified);
}

TEST_P(Users, ChangeNameAndPhoneOneByOne) {
    Profile ann = add("ann@example.com");
    ProfilePatch phone;
    phone.phone = {true, core::Text<1, 40>::trusted("+49 30 1234")};
    Profile changed = must(write([&](store::Tx& tx) { return update_profile(tx, caller(ann), phone); }));
    EXPECT_EQ(changed.phone, "+49 30 1234");
    EXPECT_EQ(changed.name, "Ann Example");

    ProfilePatch name;
    name.name = {true, core::Text<1, 200>::trusted("Ann Other")};
    name.phone = {true, std::nullopt};
    changed = must(write([&](store::Tx& tx) { return update_profile(tx, caller(ann), name); }));
    EXPECT_EQ(changed.name, "Ann Other");
    EXPECT_FALSE(changed.phone);

    ProfilePatch nameless;
    nameless.name.given = true;
    EXPECT_EQ(error_code(write([&](store::Tx& tx) { return update_profile(tx, caller(ann), nameless); })),
              ErrorCode::validation_failed);
}

TEST_P(Users, AreFoundByBeginningsOfAddressDomainAndWordsOfTheName) {
    add("ann@example.com", Role::customer, "Ann Example");
    add("bob@example.com", Role::manager, "Bob 100%_Sure!");
    add("cat@other.test", Role::customer, "Catherine Öztürk");
    using Q = core::SearchText;
    EXPECT_EQ(found({.q = Q::trusted("EXAMPLE.com")}),
              (std::vector<std::string>{"bob@example.com", "ann@example.com"}));
    EXPECT_EQ(found({.q = Q::trusted("catherine Öz")}), (std::vector<std::string>{"cat@other.test"}));
    EXPECT_EQ(found({.q = Q::trusted("100%_sure!")}), (std::vector<std::string>{"bob@example.com"}));
    EXPECT_EQ(found({.q = Q::trusted("%")}), (std::vector<std::string>{}));
    EXPECT_EQ(found({.q = Q::trusted("xample")}), (std::vector<std::string>{}));
    EXPECT_EQ(found({.q = Q::trusted(" , ")}), (std::vector<std::string>{}));
    EXPECT_EQ(found({.q = Q::trusted("")}), found({})) << "an empty search box";
    EXPECT_EQ(found({.q = Q::trusted("ÖZTÜRK cath cat@ ignored")}),
              (std::vector<std::string>{"cat@other.test"}));
    EXPECT_EQ(found({.q = Q::trusted("catherine bob")}), (std::vector<std::string>{}));
    EXPECT_EQ(found({.role = Role::manager}), (std::vector<std::string>{"bob@example.com"}));
    EXPECT_EQ(found({.q = Q::trusted("ann"), .role = Role::manager}), (std::vector<std::string>{}));
}

TEST_P(Users, AreFoundByTheirNewNameAndAddress) {
    Profile ann = add("ann@example.com");
    ProfilePatch patch;
    patch.name = {true, core::Text<1, 200>::trusted("Hypatia")};
    patch.email = email("hypatia@alexandria.example");
    must(write([&](store::Tx& tx) { return update_profile(tx, caller(ann), patch); }));
    using Q = core::SearchText;
    EXPECT_EQ(found({.q = Q::trusted("hypatia")}), (std::vector<std::string>{"ann@example.com"}));
    EXPECT_EQ(found({.q = Q::trusted("alexandria")}), (std::vector<std::string>{}));
    auto confirmed = must(write([&](store::Tx& tx) { return confirm_email(tx, ann.id, *patch.email); }));
    EXPECT_EQ(confirmed->replaced->str(), "ann@example.com");
    EXPECT_EQ(found({.q = Q::trusted("alexandria")}),
              (std::vector<std::string>{"hypatia@alexandria.example"}));
    EXPECT_EQ(found({.q = Q::trusted("ann")}), (std::vector<std::string>{}));
}

TEST_P(Users, AnAddressNobodyAskedForIsNotConfirmed) {
    Profile ann = add("ann@example.com");
    auto confirm = [&](std::string_view text) {
        return must(write([&](store::Tx& tx) { return confirm_email(tx, ann.id, email(text)); })).has_value();
    };
    EXPECT_FALSE(confirm("other@example.com"));
    EXPECT_TRUE(confirm("ann@example.com"));
    EXPECT_TRUE(must(read([&](store::Tx& tx) { return get_profile(tx, ann.id); })).email_verified);
}

TEST_P(Users, ErasedOnesTellNothingAndGoAnHourLater) {
    Profile ann = add("ann@example.com");
    auto erased = must(write([&](store::Tx& tx) { return erase_account(tx, ann.id); }));
    EXPECT_EQ(erased->email.str(), "ann@example.com");
    EXPECT_FALSE(must(write([&](store::Tx& tx) { return erase_account(tx, ann.id); })));
    auto rest = must(read([&](store::Tx& tx) { return get_profile(tx, ann.id); }));
    EXPECT_EQ(rest.name, "Erased");
    EXPECT_EQ(rest.email, ann.id.str() + "@erased.invalid");
    EXPECT_FALSE(must(write([&](store::Tx& tx) { return note_login(tx, ann.id, ""); })));
    EXPECT_EQ(found({}), (std::vector<std::string>{}));
    must(write([](store::Tx& tx) { return sweep_erased(tx); }));
    EXPECT_TRUE(must(read([&](store::Tx& tx) { return find_credentials(tx, ann.id); })));
    clock.advance(std::chrono::minutes(61));
    must(write([](store::Tx& tx) { return sweep_erased(tx); }));
    EXPECT_FALSE(must(read([&](store::Tx& tx) { return find_credentials(tx, ann.id); })));
    add("ann@example.com");
}

TEST_P(Users, AreListedInPagesNewestFirst) {
    for (int i = 0; i < 5; ++i) {
        add("user" + std::to_string(i) + "@example.com");
    }
    AccountQuery query{.limit = core::PageLimit(2)};
    std::vector<std::string> seen;
    for (int page = 0; page < 3; ++page) {
        auto list = must(read([&](store::Tx& tx) { return list_accounts(tx, {}, query); }));
        for (const auto& account : list.data)
            seen.push_back(account.email.substr(4, 1));
        EXPECT_EQ(list.has_more, page < 2);
        if (list.has_more) query.cursor = *core::Cursor::from_text(*list.next_cursor);
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"4", "3", "2", "1", "0"}));
    query.cursor = core::Cursor{"price", "", "usr_x"};
    EXPECT_EQ(error_code(read([&](store::Tx& tx) { return list_accounts(tx, {}, query); })),
              ErrorCode::invalid_parameter);
}

TEST_P(Users, NobodyGrantsAPermissionTheyLack) {
    Profile admin = add("admin@example.com", Role::admin);
    Profile manager = add("manager@example.com", Role::manager);
    Profile ann = add("ann@example.com");
    EXPECT_EQ(must(change(admin, {.id = ann.id, .role = Role::support})).role, Role::support);
    // A manager can't reach this rule by HTTP (it needs users:write); an API key with that scope could.
    EXPECT_EQ(error_code(change(manager, {.id = ann.id, .role = Role::admin})), ErrorCode::forbidden);
    EXPECT_EQ(error_code(change(manager, {.id = admin.id, .disabled = true})), ErrorCode::forbidden);
    EXPECT_EQ(must(change(manager, {.id = ann.id, .role = Role::customer})).role, Role::customer);
}

TEST_P(Users, NobodyDemotesOrDisablesThemselves) {
    Profile admin = add("admin@example.com", Role::admin);
    EXPECT_EQ(error_code(change(admin, {.id = admin.id, .role = Role::customer})), ErrorCode::forbidden);
    EXPECT_EQ(error_code(change(admin, {.id = admin.id, .disabled = true})), ErrorCode::forbidden);
    EXPECT_EQ(must(change(admin, {.id = admin.id, .role = Role::admin})).role, Role::admin);
}

TEST_P(Users, ANewRoleOrDisablingMakesOlderSessionsVoid) {
    Profile admin = add("admin@example.com", Role::admin);
    Profile ann = add("ann@example.com");
    auto valid_from = [&] {
        return (*must(read([&](store::Tx& tx) { return find_credentials(tx, ann.id); }))).sessions_valid_from;
    };
    EXPECT_EQ(valid_from().ms, 0);
    auto login = must(write([&](store::Tx& tx) { return note_login(tx, ann.id, "hash"); }));
    must(change(admin, {.id = ann.id, .disabled = true}));
    auto cutoff = valid_from();
    EXPECT_GT(cutoff, login->session_start);
    EXPECT_FALSE(must(write([&](store::Tx& tx) { return note_login(tx, ann.id, "hash"); })));

    must(change(admin, {.id = ann.id, .disabled = false}));
    EXPECT_EQ(valid_from(), cutoff);
    clock.advance(-std::chrono::hours(1));  // a clock set back must not void what begins now
    login = must(write([&](store::Tx& tx) { return note_login(tx, ann.id, "hash"); }));
    EXPECT_GE(login->session_start, cutoff);
    EXPECT_FALSE(must(write([&](store::Tx& tx) { return note_login(tx, ann.id, "an older hash"); })));
}

TEST_P(Users, AnUnknownAccountIsNotFound) {
    Profile admin = add("admin@example.com", Role::admin);
    EXPECT_EQ(error_code(change(admin, {.id = core::UserId::at(clock.now()), .disabled = true})),
              ErrorCode::not_found);
}

}  // namespace
}  // namespace users
