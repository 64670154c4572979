#include "account/personal_data.hpp"

#include "core/json_write.hpp"
#include "core/log.hpp"
#include "mail/mail.hpp"

#include <boost/json/parse.hpp>

namespace account {

core::Result<boost::json::object> export_person(store::Tx& tx, const core::Caller& caller,
                                                std::span<const Knowledge> knowledge) {
    auto profile = users::get_profile(tx, *caller.user);
    if (!profile) return std::unexpected(std::move(profile.error()));
    boost::json::object all{{"exported_at", core::to_rfc3339(tx.now())},
                            {"profile", boost::json::parse(core::to_json(*profile))}};
    for (const auto& [name, tell, forget] : knowledge) {
        if (tell) all[name] = tell(tx, caller);
    }
    return all;
}

core::Result<http::Nothing> erase_person(store::Tx& tx, const core::Caller& caller,
                                         std::span<const Knowledge> knowledge) {
    core::UserId user = *caller.user;
    auto profile = users::get_profile(tx, user);
    if (!profile) return std::unexpected(std::move(profile.error()));
    if (profile->role != core::Role::customer) {
        return core::fail(core::ErrorCode::conflict,
                          "You work here. Ask another admin to make yours a customer's account first.");
    }
    auto erased = users::erase_account(tx, user);
    if (!erased) return core::not_found("account");
    for (const auto& [name, tell, forget] : knowledge) {
        if (forget) forget(tx, user, *erased);
    }
    mail::forget_letters_to(tx, erased->email);
    spdlog::info("account: erased user={} ip={} request={}", user.text(), core::quoted(caller.ip),
                 core::quoted(caller.request_id));
    return http::Nothing{};
}

}  // namespace account
