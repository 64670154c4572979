// What people do about their account with the help of its mailbox: prove the address, reset a forgotten
// password, learn of a new device; and take their data along or have it erased. Stands on users/ (who they
// are) and auth/ (how they prove it). The program makes one Accounts and adds its parts.
#pragma once

#include "account/import.hpp"
#include "auth/auth.hpp"
#include "http/api.hpp"
#include "jobs/runner.hpp"

namespace account {

struct Settings {
    std::string links_lead_to;  // the storefront: <it>/verify-email#token=…, <it>/reset-password#token=…
    std::int64_t address_letters = 100;  // that one address may ask for in an hour; 0: any number
};

// What a part of the shop knows of people, and how it forgets them.
struct Knowledge {
    std::string name;  // of the member of the export
    // All of the caller's own. Null: nothing to tell.
    std::function<boost::json::value(store::Tx&, const core::Caller&)> tell;
    // Erases it, or makes it nobody's. Null: nothing to forget.
    std::function<void(store::Tx&, core::UserId, const users::ErasedAccount&)> forget;
};

class Accounts {
public:
    Accounts(Settings settings, auth::Auth& auth, store::Database& database)
        : settings_(std::move(settings)), auth_(auth), database_(database) {}

    void add(Knowledge knowledge);  // before the first request
    void add_routes(http::Api& api);
    std::vector<jobs::Follower> followers();
    std::vector<jobs::Schedule> schedules();

private:
    Settings settings_;
    auth::Auth& auth_;
    store::Database& database_;
    std::vector<Knowledge> knowledge_;
};

}  // namespace account
