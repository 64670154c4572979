#include "chat/routes.hpp"

namespace chat {
namespace {

// A rule as an endpoint: the settings are bound, the rest is the endpoint's own.
template <class Out, class In>
auto with(const Settings& settings,
          core::Result<Out> (*rule)(store::Tx&, const core::Caller&, const Settings&, const In&)) {
    return [settings, rule](store::Tx& tx, const core::Caller& caller, const In& in) {
        return rule(tx, caller, settings, in);
    };
}

core::Result<http::Nothing> read_up_to(store::Tx& tx, const core::Caller& caller, const ReadMessages& in) {
    auto marked = mark_read(tx, caller, in);
    if (!marked) return std::unexpected(std::move(marked.error()));
    return http::Nothing{};
}

}  // namespace

void add_routes(http::Api& api, const Settings& settings) {
    constexpr auto team = http::needs(core::Permission::chat_agent);
    using http::signed_in;
    api.room("chat");
    api.post("/v1/conversations", signed_in, "Open a conversation with support or with somebody")
        .answers(201)
        .writes(with(settings, open_conversation));
    api.get("/v1/conversations", signed_in,
            "List conversations, the last active first: your own; the team's for staff")
        .reads(list_conversations);
    api.get("/v1/conversations/{id}", signed_in, "Read a conversation").reads(get_conversation);
    api.patch("/v1/conversations/{id}", signed_in, "Close or reopen a conversation; assign it, for staff")
        .guarded_by(get_conversation)
        .writes(change_conversation);
    api.post("/v1/conversations/{id}/take", team, "Take a conversation out of the queue")
        .writes(take_conversation);
    api.get("/v1/conversations/{id}/messages", signed_in,
            "Read messages, the latest first; with after, what came behind that one")
        .reads(list_messages);
    api.post("/v1/conversations/{id}/messages", signed_in,
             "Write a message; the same client_id again is the same message")
        .answers(201)
        .writes(with(settings, send_message));
    api.patch("/v1/conversations/{id}/messages/{message_id}", signed_in,
              "Change the text of your own message, within five minutes")
        .writes(edit_message);
    api.del("/v1/conversations/{id}/messages/{message_id}", signed_in,
            "Take back your own message, within five minutes; its place stays")
        .writes(delete_message);
    api.post("/v1/conversations/{id}/read", signed_in, "You have read up to this message").writes(read_up_to);
}

}  // namespace chat
