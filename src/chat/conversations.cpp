// Opening, reading, listing and moving conversations.
#include "chat/events.hpp"
#include "chat/messages.hpp"
#include "chat/pace.hpp"
#include "chat/view.hpp"

#include "orders/orders.hpp"
#include "users/users.hpp"

#include <charconv>

namespace chat {
namespace {

using core::ErrorCode;
using queries::ConversationRow;

std::optional<users::Person> find_active(store::Tx& tx, core::UserId user) {
    auto people = users::list_people(tx, {user.str()});
    if (people.empty() || people.front().disabled) return {};
    return std::move(people.front());
}

bool is_agent(const users::Person& person) {
    return core::permissions_of(person.role).has(core::Permission::chat_agent);
}

core::Result<void> check_order(store::Tx& tx, const core::Caller& caller, const OpenConversation& in) {
    if (!in.order_id) return {};
    orders::OrderPath path{core::Text<1, 40>::trusted(in.order_id->str()), {}};
    if (orders::get_order(tx, caller, path)) return {};
    return core::fail_field("/order_id", "not_found", "You have no such order.");
}

// Who the conversation is with, if it is to be with somebody.
core::Result<void> check_participant(store::Tx& tx, const core::Caller& caller, const OpenConversation& in) {
    if (!in.participant_id) {
        if (in.kind == ConversationKind::support) return {};
        return core::fail_field("/participant_id", "required", "Say with whom you want to talk.");
    }
    if (in.kind == ConversationKind::support && !caller.may(core::Permission::chat_agent)) {
        return core::fail_field(
            "/participant_id", "not_allowed",
            "Support answers whoever is free: leave this out, or open a direct conversation.");
    }
    if (caller.is(in.participant_id))
        return core::fail_field("/participant_id", "invalid_value", "You can't talk to yourself here.");
    if (!find_active(tx, *in.participant_id))
        return core::fail_field("/participant_id", "not_found", "There is nobody of that id.");
    return {};
}

ConversationRow row_of(const core::Caller& caller, const OpenConversation& in, core::Time now) {
    ConversationRow row;
    row.id = ConversationId::at(now);
    row.kind = in.kind;
    if (in.subject) row.subject = in.subject->str();
    row.order_id = in.order_id;
    row.owner_id = *caller.user;
    if (in.kind == ConversationKind::direct) {
        row.partner_id = in.participant_id;
    } else if (in.participant_id) {
        row.owner_id = *in.participant_id;
        row.assigned_to = caller.user;
    }
    row.created_at = row.updated_at = now;
    return row;
}

// The row as it stands, new or found.
ConversationRow find_or_insert(store::Tx& tx, ConversationRow row) {
    if (!queries::insert_conversation(tx, row)) {
        auto found = queries::find_direct(tx, row.owner_id, *row.partner_id);
        if (!found) throw store::RunAgain("a direct conversation was being opened by the other one");
        return std::move(*found);
    }
    queries::join(tx, row.id, row.owner_id);
    if (row.partner_id) queries::join(tx, row.id, *row.partner_id);
    if (row.assigned_to) queries::join(tx, row.id, *row.assigned_to);
    tx.append_event(std::string(opened_event), row.id.str());
    return row;
}

constexpr std::string_view list_order = "-updated_at";  // the name of the one sort, in cursors

core::Result<void> set_place(queries::ConversationFilter& filter, const core::Cursor& cursor) {
    std::int64_t updated = 0;
    auto [end, failed] = std::from_chars(cursor.key.data(), cursor.key.data() + cursor.key.size(), updated);
    const auto id = ConversationId::from_text(cursor.id);
    if (cursor.order != list_order || !id || failed != std::errc{} ||
        end != cursor.key.data() + cursor.key.size())
        return core::fail(ErrorCode::invalid_parameter, "The cursor belongs to another list.");
    filter.before_updated = {updated};
    filter.before_id = *id;
    return {};
}

core::Result<void> check_assignment(store::Tx& tx, const core::Caller& caller, const ConversationRow& row,
                                    const std::optional<core::UserId>& agent) {
    bool team = caller.may(core::Permission::chat_agent) && row.kind == ConversationKind::support;
    if (!team || row.is_party(*caller.user))
        return core::fail(ErrorCode::forbidden,
                          "Only the team assigns conversations, and only their customers'.");
    if (!agent) return {};
    auto person = find_active(tx, *agent);
    if (!person || !is_agent(*person) || row.is_party(*agent))
        return core::fail_field("/assigned_to", "not_found", "Nobody of that id answers customers.");
    return {};
}

}  // namespace

core::Result<Conversation> open_conversation(store::Tx& tx, const core::Caller& caller,
                                             const Settings& settings, const OpenConversation& in) {
    constexpr std::chrono::milliseconds hour = std::chrono::hours{1};
    Pace pace{"conversation", settings.conversations_burst, hour / settings.conversations_per_hour};
    if (auto kept = keep_pace(tx, *caller.user, pace); !kept) return std::unexpected(std::move(kept.error()));
    if (auto checked = check_participant(tx, caller, in); !checked)
        return std::unexpected(std::move(checked.error()));
    if (auto checked = check_order(tx, caller, in); !checked)
        return std::unexpected(std::move(checked.error()));
    auto row = row_of(caller, in, tx.now());
    if (row.partner_id && queries::is_blocked(tx, row.owner_id, *row.partner_id))
        return std::unexpected(blocked());
    row = find_or_insert(tx, std::move(row));
    if (in.text) {
        auto sent = send_message(tx, caller, settings, {row.id, in.text, {}, {}});
        if (!sent) return std::unexpected(std::move(sent.error()));
    }
    return get_conversation(tx, caller, {row.id});
}

core::Result<Conversation> get_conversation(store::Tx& tx, const core::Caller& caller,
                                            const ConversationPath& in) {
    auto row = queries::find_visible(tx, in.id, viewer_of(caller));
    if (!row) return core::not_found("conversation");
    return shown(tx, *caller.user, *row);
}

core::Result<core::List<Conversation>> list_conversations(store::Tx& tx, const core::Caller& caller,
                                                          const ConversationQuery& in) {
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    queries::ConversationFilter filter{viewer_of(caller), in.kind, in.status, in.assigned_to};
    filter.limit = limit + 1;
    if (in.cursor) {
        if (auto set = set_place(filter, *in.cursor); !set) return std::unexpected(std::move(set.error()));
    }
    bool of_team = filter.viewer.agent && in.kind != ConversationKind::direct;
    if (in.assigned_to && !of_team)
        return core::fail(ErrorCode::forbidden, "Only the team can ask to whom a conversation is assigned.");
    auto rows = of_team ? queries::list_support(tx, filter) : queries::list_own(tx, filter);
    return core::page_of(shown(tx, *caller.user, rows), limit, [](const Conversation& last) {
        return core::Cursor{std::string(list_order), std::to_string(last.updated_at.ms), last.id.str()};
    });
}

core::Result<Conversation> change_conversation(store::Tx& tx, const core::Caller& caller,
                                               const ConversationPatch& in) {
    auto viewer = viewer_of(caller);
    auto row = queries::find_visible(tx, in.id, viewer);
    if (!row) return core::not_found("conversation");
    if (in.assigned_to.given) {
        auto checked = check_assignment(tx, caller, *row, in.assigned_to.value);
        if (!checked) return std::unexpected(std::move(checked.error()));
        if (in.assigned_to.value) queries::join(tx, in.id, *in.assigned_to.value);
    }
    if (in.status || in.assigned_to.given) {
        row = queries::update(tx, in, viewer);
        tx.append_event(std::string(updated_event), in.id.str());
    }
    return shown(tx, *caller.user, *row);
}

core::Result<Conversation> take_conversation(store::Tx& tx, const core::Caller& caller,
                                             const ConversationPath& in) {
    auto row = queries::take(tx, in.id, *caller.user);
    if (!row) {
        auto standing = queries::find_visible(tx, in.id, viewer_of(caller));
        if (!standing || standing->kind != ConversationKind::support) return core::not_found("conversation");
        if (standing->is_party(*caller.user))
            return core::fail(ErrorCode::forbidden,
                              "A colleague has to answer you: this conversation is your own.");
        return core::fail(ErrorCode::conflict,
                          "A colleague has it. To take over from them, assign it to yourself.",
                          {{"assigned_to", standing->assigned_to.value_or(core::UserId{}).text()}});
    }
    queries::join(tx, in.id, *caller.user);
    tx.append_event(std::string(updated_event), in.id.str());
    return shown(tx, *caller.user, *row);
}

}  // namespace chat
