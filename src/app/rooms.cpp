#include "app/rooms.hpp"

#include "account/mailbox.hpp"
#include "cart/routes.hpp"
#include "cart/schedules.hpp"
#include "catalog/routes.hpp"
#include "chat/pictures.hpp"
#include "chat/routes.hpp"
#include "chat/search.hpp"
#include "http/idempotency.hpp"
#include "media/routes.hpp"
#include "orders/followers.hpp"
#include "orders/routes.hpp"
#include "pricing/routes.hpp"
#include "users/routes.hpp"
#include "webhooks/routes.hpp"

namespace app {

void add_routes(App& app) {
    http::Api& api = app.api();
    api.room("auth");
    app.auth().add_routes(api);
    api.room("users");
    users::add_routes(
        api,
        [&auth = app.auth()](core::UserId user, core::PasswordAttempt password) {
            return auth.prove_password(user, std::move(password));
        },
        [letters = account::Settings{.address_letters = app.config().address_letters}](
            store::Tx& tx, const core::Caller& caller) {
            return account::count_letter(tx, caller, letters);
        });
    app.accounts().add_routes(api);
    app.api_keys().add_routes(api);
    audit::add_routes(api);
    api.room("catalog");
    catalog::add_routes(api, app.database(), app.pictures());
    app.bulk().add_routes(api);
    api.room("search");
    app.search().add_routes(api);
    api.room("media");
    media::add_routes(api, app.media_folder(), app.files());
    api.room("cart");
    cart::add_routes(api, cart::Settings{.lifetime = app.config().cart_lifetime,
                                         .hold = app.config().checkout_hold,
                                         .hold_max = app.config().checkout_hold_max});
    api.room("pricing");
    pricing::add_routes(api);
    api.room("orders");
    orders::add_routes(
        api, {.shop_name = app.config().shop_name, .orders_per_hour_max = app.config().orders_per_hour_max},
        app.database(), app.files());
    app.payments().add_routes(api);
    api.room("chat");
    chat::add_routes(api, app.config().chat);
    chat::add_picture_routes(api, {app.database(), app.chat_folder(), app.chat_pictures(), app.files()});
    webhooks::add_routes(api, app.webhooks());
}

void add_jobs(App& app) {
    jobs::Runner& runner = app.runner();
    runner.add(jobs::Schedule{"idempotency_keys", std::chrono::minutes{10}, http::forget_old_keys});
    runner.add(jobs::Schedule{"webhook_deliveries", std::chrono::hours{1}, webhooks::Sender::sweep});
    runner.add(jobs::Schedule{"mail_outbox", std::chrono::hours{1}, mail::Sender::sweep});
    runner.add(cart::expire_carts());
    runner.add(cart::expire_holds());
    runner.add(chat::index_messages());
    runner.add(chat::forget_unsent_pictures());
    runner.add(orders::write_order_letters());
    runner.add(orders::forget_order_rates());
    runner.add(app.payments().follow_cancelled_orders());
    runner.add(app.payments().forget_old_events());
    for (jobs::Follower& follower : app.search().followers())
        runner.add(std::move(follower));
    runner.add(audit::chaining(app.audit_key()));
    for (auto& list : {app.accounts().followers(), app.api_keys().followers()}) {
        for (const jobs::Follower& follower : list)
            runner.add(follower);
    }
    for (auto& list : {app.auth().schedules(), app.accounts().schedules(), app.api_keys().schedules()}) {
        for (const jobs::Schedule& schedule : list)
            runner.add(schedule);
    }
}

}  // namespace app
