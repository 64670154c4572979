#include "users/routes.hpp"

#include "users/accounts.hpp"
#include "users/addresses.hpp"

namespace users {
namespace {

core::Result<Profile> get_me(store::Tx& tx, const core::Caller& caller, const http::Nothing&) {
    return get_profile(tx, *caller.user);
}

core::Result<http::Nothing> remove_address(store::Tx& tx, const core::Caller& caller, const AddressRef& ref) {
    auto removed = delete_address(tx, caller, ref);
    if (!removed) return std::unexpected(std::move(removed.error()));
    return http::Nothing{};
}

}  // namespace

void add_routes(http::Api& api, ProvePassword prove_password, CountLetter count_letter) {
    using core::Permission;
    auto prove = [prove_password = std::move(prove_password)](
                     const core::Caller& caller,
                     const ProfilePatch& patch) -> boost::asio::awaitable<core::Result<void>> {
        if (!patch.email) co_return core::Result<void>{};
        if (!patch.password) {
            co_return core::fail_field("/password", "required",
                                       "Another e-mail address needs your password.");
        }
        auto proven = co_await prove_password(*caller.user, *patch.password);
        co_return proven;
    };
    api.room("users");

    api.get("/v1/me", http::signed_in, "Your profile").reads(get_me);
    api.patch("/v1/me", http::signed_in,
              "Change your name, phone number or, with your password, e-mail address; that counts once it is "
              "verified")
        .writes([count_letter = std::move(count_letter)](store::Tx& tx, const core::Caller& caller,
                                                         const ProfilePatch& patch) -> core::Result<Profile> {
            // Another address is written to.
            auto counted = patch.email ? count_letter(tx, caller) : core::Result<void>();
            if (!counted) return std::unexpected(std::move(counted.error()));
            return update_profile(tx, caller, patch);
        })
        .prepared_by<ProfilePatch>(prove)
        .guarded_by(get_me);

    api.get("/v1/me/addresses", http::signed_in, "Your addresses, oldest first").reads(list_addresses);
    api.post("/v1/me/addresses", http::signed_in, "Add an address").answers(201).writes(create_address);
    api.get("/v1/me/addresses/{id}", http::signed_in, "One of your addresses").reads(get_address);
    api.patch("/v1/me/addresses/{id}", http::signed_in, "Change an address")
        .writes(update_address)
        .guarded_by(get_address);
    api.del("/v1/me/addresses/{id}", http::signed_in, "Remove an address")
        .writes(remove_address)
        .guarded_by(get_address);

    api.get("/v1/users", http::needs(Permission::users_read),
            "Find accounts by the beginnings of e-mail address, domain and words of the name; newest first")
        .reads(list_accounts);
    // A POST, so that it is told in the audit log who took whose data along.
    api.post("/v1/users/export", http::needs(Permission::users_write).with_second_factor(),
             "Take all accounts along with their addresses, in pages of up to 1,000; newest first")
        .writes(export_accounts)
        .answers_secret<core::List<ExportedAccount>>([](const core::List<ExportedAccount>& page) {
            return "{\"accounts\":" + std::to_string(page.data.size()) + "}";
        });
    api.get("/v1/users/{id}", http::needs(Permission::users_read), "An account").reads(get_account);
    api.patch("/v1/users/{id}", http::needs(Permission::users_write).with_second_factor(),
              "Change an account's role, or disable it")
        .writes(update_account)
        .guarded_by(get_account);
}

}  // namespace users
