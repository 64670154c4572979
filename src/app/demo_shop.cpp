#include "app/demo_shop.hpp"

#include "core/or_throw.hpp"
#include "demo/demo.hpp"

#include <iostream>

namespace app {
namespace {

core::Email email_of(const demo::Account& account) {
    return core::Email::from_text(account.email).value();
}

std::optional<core::UserId> find_account(App& app, const demo::Account& account) {
    auto found = store::read_now(
        app.database(), [&](store::Tx& tx) { return users::find_credentials(tx, email_of(account)); });
    if (!found || !*found) return {};
    return (*found)->id;
}

core::UserId ensure_account(App& app, const demo::Account& account) {
    if (auto known = find_account(app, account)) return *known;
    auto created = core::or_throw(app.auth().create_user_with_password(
        {email_of(account), core::Password::from_text(account.password).value(),
         core::Text<1, 200>::trusted(std::string(account.name)), account.role}));
    return created.id;
}

}  // namespace

int load_demo(const Config& config, const std::filesystem::path& folder) {
    if (config.in_production)
        throw std::runtime_error(
            "With KONTOR_ENV=production there is no demo shop: everybody knows its passwords.");
    App app(config);
    auto account = [&](const demo::Account& wanted) { return ensure_account(app, wanted); };
    auto loaded = demo::load(app.database(), account, app.media_folder(), folder);
    std::cout << "demo shop: " << loaded.products << " products, " << loaded.variants << " variants and "
              << loaded.images << " pictures added\n";
    return 0;
}

bool has_demo_accounts(store::Tx& tx) {
    auto can_sign_in = [&](const demo::Account& account) {
        auto known = users::find_credentials(tx, email_of(account));
        return known && !known->disabled;
    };
    return can_sign_in(demo::admin) || can_sign_in(demo::customer);
}

std::vector<std::string> demo_logins(App& app) {
    if (!find_account(app, demo::admin) || !find_account(app, demo::customer)) return {};
    auto line = [](std::string_view kind, const demo::Account& account) {
        return std::string(kind) + std::string(account.email) + "  " + std::string(account.password);
    };
    return {line("customer   ", demo::customer), line("admin      ", demo::admin)};
}

}  // namespace app
