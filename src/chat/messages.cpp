#include "chat/messages.hpp"

#include "chat/events.hpp"
#include "chat/pace.hpp"
#include "chat/pictures.hpp"
#include "chat/view.hpp"

#include "core/json_write.hpp"

#include <charconv>

namespace chat {
namespace {

using core::ErrorCode;
using queries::ConversationRow;
using queries::MessageRow;

void announce(store::Tx& tx, std::string_view type, const MessageRow& row) {
    tx.append_event(std::string(type), row.conversation_id.str(),
                    core::to_json(MessageEvent{row.id, row.sender_id}));
}

// The names of the two sorts, in cursors.
constexpr std::string_view latest_first = "-sequence";
constexpr std::string_view oldest_first = "sequence";

core::Result<std::int64_t> place_from(const core::Cursor& cursor, std::string_view order) {
    std::int64_t sequence = 0;
    auto [end, failed] = std::from_chars(cursor.key.data(), cursor.key.data() + cursor.key.size(), sequence);
    if (cursor.order != order || failed != std::errc{} || end != cursor.key.data() + cursor.key.size())
        return core::fail(ErrorCode::invalid_parameter, "The cursor belongs to another list.");
    return sequence;
}

// Where a page begins: at the cursor, at the message it asks for what follows, or at the end.
core::Result<std::int64_t> begin_of(store::Tx& tx, const MessageQuery& in) {
    if (in.cursor) return place_from(*in.cursor, in.after ? oldest_first : latest_first);
    if (!in.after) return std::numeric_limits<std::int64_t>::max();
    auto message = queries::find_message(tx, in.id, *in.after);
    if (!message)
        return core::fail(ErrorCode::invalid_parameter,
                          "This conversation has no message of the id in after.");
    return message->sequence;
}

// Why a message of that id can't be changed by the caller.
core::Error refusal_of_change(store::Tx& tx, const core::Caller& caller, ConversationId id,
                              MessageId message_id) {
    std::optional<MessageRow> message;
    if (queries::find_visible(tx, id, viewer_of(caller))) message = queries::find_message(tx, id, message_id);
    if (!message || message->deleted_at) return core::not_found("message").error();
    if (!caller.is(message->sender_id))
        return {ErrorCode::forbidden, "Only who wrote a message can change it.", {}, {}};
    return {ErrorCode::conflict,
            "A message can be changed for " + std::to_string(change_window.count()) + " minutes.",
            {},
            {}};
}

core::Result<Message> changed(store::Tx& tx, const core::Caller& caller, ConversationId id,
                              MessageId message_id, const std::optional<MessageRow>& row) {
    if (!row) return std::unexpected(refusal_of_change(tx, caller, id, message_id));
    announce(tx, changed_event, *row);
    return shown(tx, *row);
}

core::Result<void> check_content(const SendMessage& in) {
    std::size_t pictures = in.picture_ids ? in.picture_ids->size() : 0;
    if (pictures > message_pictures_max) {
        return core::fail_field("/picture_ids", "too_long",
                                "must have at most " + std::to_string(message_pictures_max) + " items");
    }
    if (!in.text && pictures == 0) return core::fail_field("/text", "required", "is required");
    return {};
}

// The message that the client sends again, as it never heard of the answer.
core::Result<Message> sent_before(store::Tx& tx, const queries::Viewer& viewer, const SendMessage& in) {
    std::optional<MessageRow> sent;
    if (in.client_id && queries::find_visible(tx, in.id, viewer))
        sent = queries::find_sent(tx, in.id, viewer.user, *in.client_id);
    if (!sent) return core::not_found("conversation");
    return shown(tx, *sent);
}

MessageRow row_of(const SendMessage& in, const ConversationRow& conversation, core::UserId sender,
                  core::Time now) {
    MessageRow row;
    row.id = MessageId::at(now);
    row.conversation_id = in.id;
    row.sequence = conversation.last_sequence;
    row.sender_id = sender;
    if (in.client_id) row.client_id = in.client_id->str();
    if (in.text) row.text = in.text->str();
    if (in.picture_ids) row.picture_count = static_cast<std::int64_t>(in.picture_ids->size());
    row.created_at = now;
    return row;
}

}  // namespace

queries::Viewer viewer_of(const core::Caller& caller) {
    return {caller.user.value(), caller.may(core::Permission::chat_agent)};
}

core::Error blocked() {
    return {ErrorCode::forbidden, "You two can't write to each other.", {}, {}};
}

// The conversation's row is locked from here to the commit: whoever comes after has the next place, on every
// engine. What refuses afterwards rolls it back.
core::Result<Message> send_message(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                   const SendMessage& in) {
    auto viewer = viewer_of(caller);
    if (auto checked = check_content(in); !checked) return std::unexpected(std::move(checked.error()));
    auto conversation = queries::advance(tx, in.id, viewer, in.client_id);
    if (!conversation) return sent_before(tx, viewer, in);
    constexpr std::chrono::milliseconds minute = std::chrono::minutes{1};
    Pace pace{"message", settings.messages_burst, minute / settings.messages_per_minute};
    if (auto kept = keep_pace(tx, viewer.user, pace); !kept) return std::unexpected(std::move(kept.error()));
    if (conversation->partner_id &&
        queries::is_blocked(tx, conversation->owner_id, *conversation->partner_id))
        return std::unexpected(blocked());
    if (!conversation->is_party(viewer.user)) queries::join(tx, in.id, viewer.user);

    auto row = row_of(in, *conversation, viewer.user, tx.now());
    if (!queries::insert_message(tx, row)) throw store::RunAgain("the same message was sent twice at once");
    if (row.picture_count > 0) {
        auto attached = attach_pictures(tx, in, row.id, viewer.user);
        if (!attached) return std::unexpected(std::move(attached.error()));
    }
    announce(tx, sent_event, row);
    return shown_new(tx, row);
}

core::Result<core::List<Message>> list_messages(store::Tx& tx, const core::Caller& caller,
                                                const MessageQuery& in) {
    if (!queries::find_visible(tx, in.id, viewer_of(caller))) return core::not_found("conversation");
    auto begin = begin_of(tx, in);
    if (!begin) return std::unexpected(std::move(begin.error()));
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = in.after ? queries::list_after(tx, in.id, *begin, limit + 1)
                         : queries::list_before(tx, in.id, *begin, limit + 1);
    auto page = core::page_of(std::move(rows), limit, [&](const MessageRow& last) {
        return core::Cursor{std::string(in.after ? oldest_first : latest_first),
                            std::to_string(last.sequence), ""};
    });
    return core::List<Message>{shown(tx, page.data), page.has_more, std::move(page.next_cursor)};
}

core::Result<void> mark_read(store::Tx& tx, const core::Caller& caller, const ReadMessages& in) {
    auto viewer = viewer_of(caller);
    auto conversation = queries::find_visible(tx, in.id, viewer);
    if (!conversation) return core::not_found("conversation");
    auto message = queries::find_message(tx, in.id, in.message_id);
    if (!message) return core::not_found("message");
    if (!queries::set_read(tx, in.id, viewer.user, message->sequence)) return {};
    if (!conversation->is_party(viewer.user)) queries::set_team_read(tx, in.id, message->sequence);
    tx.append_event(std::string(read_event), in.id.str(),
                    core::to_json(ReadEvent{viewer.user, in.message_id}));
    return {};
}

core::Result<Message> edit_message(store::Tx& tx, const core::Caller& caller, const MessagePatch& in) {
    return changed(tx, caller, in.id, in.message_id,
                   queries::set_text(tx, in, caller.user.value(), tx.now() - change_window));
}

core::Result<Message> delete_message(store::Tx& tx, const core::Caller& caller, const MessagePath& in) {
    auto row = queries::set_deleted(tx, in, caller.user.value(), tx.now() - change_window);
    if (row) remove_pictures(tx, row->id);
    return changed(tx, caller, in.id, in.message_id, row);
}

}  // namespace chat
