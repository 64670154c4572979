#include "account/mailbox.hpp"
#include "account/personal_data.hpp"

#include <boost/json/serialize.hpp>

namespace account {

void Accounts::add(Knowledge knowledge) {
    knowledge_.push_back(std::move(knowledge));
}

void Accounts::add_routes(http::Api& api) {
    api.room("account");
    api.post("/v1/auth/password/forgot", http::everyone_whatever_token,
             "Ask for a letter to reset your password; the answer doesn't tell whether there is such an "
             "account")
        .answers(202)
        .writes([this](store::Tx& tx, const core::Caller& caller, const ForgottenPassword& report) {
            return report_forgotten(tx, caller, settings_, report);
        });
    api.post("/v1/auth/password/reset", http::everyone_whatever_token,
             "Set a new password with the token out of the letter; all your sessions end")
        .runs([this](const core::Caller& caller, PasswordReset request) {
            return reset_password(auth_, database_, caller, std::move(request));
        });
    api.post("/v1/auth/email/verify", http::everyone_whatever_token,
             "Prove an e-mail address with the token out of the letter")
        .writes(verify_email);
    api.get("/v1/me/export", http::signed_in, "All that the shop knows of you")
        .reads([this](store::Tx& tx, const core::Caller& caller, const http::Nothing&) {
            return export_person(tx, caller, knowledge_);
        });
    api.post("/v1/users/{id}/export", http::needs(core::Permission::users_write).with_second_factor(),
             "All that the shop knows of somebody, who asked for it otherwise than by signing in")
        .writes([this](store::Tx& tx, const core::Caller&, const PersonRef& person) {
            core::Caller themselves;
            themselves.user = person.id;
            return export_person(tx, themselves, knowledge_);
        })
        .answers_secret<boost::json::object>([](const boost::json::object& all) {
            return "{\"exported_at\":" + boost::json::serialize(all.at("exported_at")) + "}";
        });
    api.del("/v1/me", http::signed_in,
            "Have your account and what it holds erased, with your password; your orders stay, nobody's from "
            "now on")
        .with_body()
        .writes([this](store::Tx& tx, const core::Caller& caller, const Erasure&) {
            return erase_person(tx, caller, knowledge_);
        })
        .prepared_by<Erasure>([this](const core::Caller& caller, const Erasure& erasure) {
            return auth_.prove_password(*caller.user, erasure.password);
        })
        .guarded_by([](store::Tx& tx, const core::Caller& caller, const http::Nothing&) {
            return users::get_profile(tx, *caller.user);
        });
    api.post("/v1/auth/email/resend", http::signed_in,
             "Send the letter that proves your e-mail address again")
        .writes([this](store::Tx& tx, const core::Caller& caller, const http::Nothing&) {
            return ask_for_verification(tx, caller, settings_);
        });
}

}  // namespace account
