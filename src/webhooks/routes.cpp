#include "webhooks/routes.hpp"

namespace webhooks {
namespace {

// A rule of Webhooks, which is told nothing about who calls, as an endpoint.
template <class Out, class In>
auto rule(const Webhooks& webhooks, core::Result<Out> (Webhooks::*function)(store::Tx&, const In&) const) {
    return [&webhooks, function](store::Tx& tx, const core::Caller&, const In& in) -> core::Result<Out> {
        return (webhooks.*function)(tx, in);
    };
}

}  // namespace

void add_routes(http::Api& api, const Webhooks& webhooks) {
    constexpr auto staff = http::needs(core::Permission::settings_write);
    api.room("webhooks");
    auto create = [&webhooks](store::Tx& tx, const core::Caller& caller, const EndpointDraft& draft) {
        return webhooks.create(tx, caller, draft);
    };
    auto remove = [&webhooks](store::Tx& tx, const core::Caller&,
                              const EndpointPath& path) -> core::Result<http::Nothing> {
        auto removed = webhooks.remove(tx, path);
        if (!removed) return std::unexpected(std::move(removed.error()));
        return http::Nothing{};
    };
    auto get = rule(webhooks, &Webhooks::get);
    api.get("/v1/webhooks", staff, "List webhooks").reads(rule(webhooks, &Webhooks::list));
    api.post("/v1/webhooks", staff, "Tell a URL of events").answers(201).writes(create);
    api.get("/v1/webhooks/{id}", staff, "Read a webhook").reads(get);
    api.patch("/v1/webhooks/{id}", staff, "Change, disable or enable a webhook")
        .guarded_by(get)
        .writes(rule(webhooks, &Webhooks::update));
    api.del("/v1/webhooks/{id}", staff, "Remove a webhook and what waits for it")
        .guarded_by(get)
        .writes(remove);
    api.get("/v1/webhooks/{id}/secret", staff, "Read the secret that a webhook's deliveries are signed with")
        .reads(rule(webhooks, &Webhooks::get_secret));
    api.post("/v1/webhooks/{id}/rotate-secret", staff,
             "Give a webhook a new secret; the old one signs as well for a day")
        .writes(rule(webhooks, &Webhooks::rotate_secret));
    api.post("/v1/webhooks/{id}/replay", staff, "Tell a webhook again of everything from one event on")
        .answers(202)
        .writes(rule(webhooks, &Webhooks::replay));
    api.get("/v1/webhooks/{id}/deliveries", staff, "List deliveries, the latest first")
        .reads(rule(webhooks, &Webhooks::list_deliveries));
    api.get("/v1/events", staff, "Read the events that webhooks are told, in their order")
        .reads(rule(webhooks, &Webhooks::read_feed));
}

}  // namespace webhooks
