#include "chat/routes.hpp"

#include "chat/canned_replies.hpp"
#include "chat/console.hpp"
#include "chat/safety.hpp"
#include "chat/search.hpp"
#include "http/problem.hpp"

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

// A rule without an answer.
template <class In>
auto silent(core::Result<void> (*rule)(store::Tx&, const core::Caller&, const In&)) {
    return [rule](store::Tx& tx, const core::Caller& caller, const In& in) -> core::Result<http::Nothing> {
        auto done = rule(tx, caller, in);
        if (!done) return std::unexpected(std::move(done.error()));
        return http::Nothing{};
    };
}

// What people say to each other is not for the audit log: it would outlive them there.
std::string bare_conversation(const Conversation& conversation) {
    Conversation bare = conversation;
    bare.subject.reset();
    bare.last_message.reset();
    return core::to_json(bare);
}
std::string bare_report(const ChatReport& report) {
    ChatReport bare = report;
    bare.text.clear();
    bare.reason.clear();
    return core::to_json(bare);
}

boost::asio::awaitable<http::Reply> console(const http::Request& request, const http::Parameters& path) {
    auto asset = find_console_asset(path.empty() ? std::string_view() : path.front().second);
    if (asset) co_return http::asset_reply(*asset, console_content_security_policy);
    co_return http::problem({core::ErrorCode::not_found, "The chat's page has no such part.", {}, {}},
                            request.request_id);
}

void add_routes_between_people(http::Api& api) {
    using http::signed_in;
    api.get("/v1/me/blocks", signed_in, "Whom you have blocked").reads(list_blocks);
    api.put("/v1/me/blocks/{user_id}", signed_in, "Block somebody: neither can write to the other directly")
        .writes(silent(block_user));
    api.del("/v1/me/blocks/{user_id}", signed_in, "Unblock somebody").writes(silent(unblock_user));
    api.post("/v1/conversations/{id}/report", signed_in, "Report a message to the team")
        .answers(201)
        .writes(report_message);
}

void add_routes_of_team(http::Api& api) {
    constexpr auto team = http::needs(core::Permission::chat_agent);
    api.get("/v1/messages", team, "Search the messages of customers and the team, the latest first")
        .reads(search_messages);
    api.get("/v1/chat-reports", team, "What people complained of, the latest first").reads(list_reports);
    api.get("/v1/chat-reports/{id}", team, "Read a report")
        .reads(get_report)
        .audited_as<ChatReport>(bare_report);
    api.post("/v1/chat-reports/{id}/resolve", team, "A report is dealt with")
        .writes(resolve_report)
        .audited_as<ChatReport>(bare_report);
    api.get("/v1/canned-replies", team, "Ready answers, the newest first").reads(list_canned_replies);
    api.post("/v1/canned-replies", team, "Add a ready answer").answers(201).writes(add_canned_reply);
    api.get("/v1/canned-replies/{id}", team, "Read a ready answer").reads(get_canned_reply);
    api.patch("/v1/canned-replies/{id}", team, "Change a ready answer")
        .guarded_by(get_canned_reply)
        .writes(change_canned_reply);
    api.del("/v1/canned-replies/{id}", team, "Remove a ready answer")
        .guarded_by(get_canned_reply)
        .writes(silent(remove_canned_reply));
}

}  // namespace

void add_routes(http::Api& api, const Settings& settings) {
    constexpr auto team = http::needs(core::Permission::chat_agent);
    constexpr auto people_or_team = http::signed_in_or_staff(core::Permission::chat_agent);
    using http::signed_in;
    api.room("chat");
    api.post("/v1/conversations", people_or_team, "Open a conversation with support or with somebody")
        .answers(201)
        .writes(with(settings, open_conversation))
        .audited_as<Conversation>(bare_conversation);
    api.get("/v1/conversations", signed_in,
            "List conversations, the last active first: your own; the team's for staff")
        .reads(list_conversations);
    api.get("/v1/conversations/{id}", signed_in, "Read a conversation")
        .reads(get_conversation)
        .audited_as<Conversation>(bare_conversation);
    api.patch("/v1/conversations/{id}", people_or_team,
              "Close or reopen a conversation; assign it, for staff")
        .guarded_by(get_conversation)
        .writes(change_conversation)
        .audited_as<Conversation>(bare_conversation);
    api.post("/v1/conversations/{id}/take", team, "Take a conversation out of the queue")
        .writes(take_conversation)
        .audited_as<Conversation>(bare_conversation);
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
    api.raw("/chat", "The chat in a browser, for customers and staff", console);
    api.raw("/chat/{file...}", "Its parts", console);
    api.post("/v1/conversations/{id}/read", signed_in, "You have read up to this message")
        .writes(silent(mark_read));
    add_routes_between_people(api);
    add_routes_of_team(api);
}

}  // namespace chat
