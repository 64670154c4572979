#include "chat/queries.hpp"

namespace chat::queries {
namespace {

#define CONVERSATION_COLUMNS                                                  \
    "id, kind, status, subject, order_id, owner_id, partner_id, assigned_to," \
    " last_sequence, created_at, updated_at"
#define MESSAGE_COLUMNS                                                      \
    "id, conversation_id, sequence, sender_id, client_id, text, created_at," \
    " edited_at, deleted_at, picture_count"
// Of the conversation $1, to the user $2, who is an agent if $3 is 1.
#define VISIBLE                                     \
    "id = $1 and (owner_id = $2 or partner_id = $2" \
    " or (cast($3 as bigint) = 1 and kind = 'support'))"

std::string pair_of(core::UserId one, core::UserId other) {
    return std::min(one, other).str() + " " + std::max(one, other).str();
}

}  // namespace

bool insert_conversation(store::Tx& tx, const ConversationRow& row) {
    std::optional<std::string> pair;
    if (row.partner_id) pair = pair_of(row.owner_id, *row.partner_id);
    return tx.count_changed(
               "insert into conversations (id, kind, status, subject, order_id, owner_id, partner_id, pair,"
               " assigned_to, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)"
               " on conflict (pair) do nothing",
               row.id, row.kind, row.status, row.subject, row.order_id, row.owner_id, row.partner_id, pair,
               row.assigned_to, row.created_at) > 0;
}

std::optional<ConversationRow> find_direct(store::Tx& tx, core::UserId one, core::UserId other) {
    return tx.find<ConversationRow>("select " CONVERSATION_COLUMNS " from conversations where pair = $1",
                                    pair_of(one, other));
}

std::optional<ConversationRow> find_visible(store::Tx& tx, ConversationId id, const Viewer& viewer) {
    return tx.find<ConversationRow>("select " CONVERSATION_COLUMNS " from conversations where " VISIBLE, id,
                                    viewer.user, viewer.agent);
}

std::vector<ConversationRow> list_conversations(store::Tx& tx, const std::vector<std::string>& ids) {
    return tx.list<ConversationRow>("select " CONVERSATION_COLUMNS " from conversations where id = any($1)",
                                    ids);
}

std::optional<ConversationRow> advance(store::Tx& tx, ConversationId id, const Viewer& viewer,
                                       const std::optional<ClientId>& client_id) {
    return tx.find<ConversationRow>(
        "update conversations set last_sequence = last_sequence + 1, status = 'open', updated_at = $4"
        " where " VISIBLE
        " and not exists (select 1 from messages where conversation_id = $1 and sender_id = $2"
        " and client_id = cast($5 as text)) returning " CONVERSATION_COLUMNS,
        id, viewer.user, viewer.agent, tx.now(), client_id);
}

std::optional<ConversationRow> update(store::Tx& tx, const ConversationPatch& patch, const Viewer& viewer) {
    return tx.find<ConversationRow>(
        "update conversations set status = coalesce(cast($4 as text), status),"
        " assigned_to = case when cast($5 as bigint) = 1 then $6 else assigned_to end, updated_at = $7"
        " where " VISIBLE " returning " CONVERSATION_COLUMNS,
        patch.id, viewer.user, viewer.agent, patch.status, patch.assigned_to.given, patch.assigned_to.value,
        tx.now());
}

std::optional<ConversationRow> take(store::Tx& tx, ConversationId id, core::UserId agent) {
    return tx.find<ConversationRow>(
        "update conversations set assigned_to = $2, updated_at = $3 where id = $1 and kind = 'support'"
        " and owner_id <> $2 and (assigned_to is null or assigned_to = $2)"
        " returning " CONVERSATION_COLUMNS,
        id, agent, tx.now());
}

// A person is on one of two sides: each is a walk along its own index, so neither is a scan.
std::vector<ConversationRow> list_own(store::Tx& tx, const ConversationFilter& filter) {
#define OWN(side)                                                                       \
    "select * from (select " CONVERSATION_COLUMNS " from conversations where " side     \
    " = $1 and (updated_at, id) < ($2, $3) and (cast($4 as text) is null or kind = $4)" \
    " and (cast($5 as text) is null or status = $5)"                                    \
    " order by updated_at desc, id desc limit $6) as " side
    return tx.list<ConversationRow>(
        OWN("owner_id") " union all " OWN("partner_id") " order by updated_at desc, id desc limit $6",
        filter.viewer.user, filter.before_updated, filter.before_id, filter.kind, filter.status,
        filter.limit);
#undef OWN
}

// An engine can only walk an index for a condition that is always there, so each gets a statement.
std::vector<ConversationRow> list_support(store::Tx& tx, const ConversationFilter& filter) {
#define SUPPORT(driver)                                                \
    "select " CONVERSATION_COLUMNS " from conversations where " driver \
    " kind = 'support' and (updated_at, id) < ($1, $2)"                \
    " and (cast($3 as text) is null or status = $3)"                   \
    " order by updated_at desc, id desc limit $4"
    static constexpr store::Sql by_time = SUPPORT("");
    static constexpr store::Sql by_status = SUPPORT("status = $3 and");
    static constexpr store::Sql by_assignee = SUPPORT("assigned_to = $5 and");
    static constexpr store::Sql in_queue = SUPPORT("assigned_to is null and");
#undef SUPPORT
    auto list = [&](store::Sql sql, const auto&... more) {
        return tx.list<ConversationRow>(sql, filter.before_updated, filter.before_id, filter.status,
                                        filter.limit, more...);
    };
    if (filter.assigned_to && filter.assigned_to->is_nobody()) return list(in_queue);
    if (filter.assigned_to) return list(by_assignee, filter.assigned_to->resolved(filter.viewer.user));
    return list(filter.status ? by_status : by_time);
}

void join(store::Tx& tx, ConversationId id, core::UserId user) {
    tx.run(
        "insert into conversation_members (conversation_id, user_id, joined) values ($1, $2, 1)"
        " on conflict (conversation_id, user_id) do update set joined = 1"
        " where conversation_members.joined = 0",
        id, user);
}

bool set_read(store::Tx& tx, ConversationId id, core::UserId user, std::int64_t sequence) {
    return tx.count_changed(
               "insert into conversation_members (conversation_id, user_id, joined, read_sequence)"
               " values ($1, $2, 0, $3) on conflict (conversation_id, user_id) do update"
               " set read_sequence = excluded.read_sequence"
               " where conversation_members.read_sequence < excluded.read_sequence",
               id, user, sequence) > 0;
}

void set_team_read(store::Tx& tx, ConversationId id, std::int64_t sequence) {
    tx.run("update conversations set team_read = $2 where id = $1 and team_read < $2", id, sequence);
}

std::vector<MemberRow> list_members(store::Tx& tx, const std::vector<std::string>& conversation_ids) {
    return tx.list<MemberRow>(
        "select conversation_id, user_id, joined, read_sequence from conversation_members"
        " where conversation_id = any($1) order by conversation_id, user_id",
        conversation_ids);
}

std::vector<UnreadCount> count_unread(store::Tx& tx, const std::vector<std::string>& conversation_ids,
                                      core::UserId reader) {
    return tx.list<UnreadCount>(
        "select c.id, count(*) from conversations as c"
        " left join conversation_members as r on r.conversation_id = c.id and r.user_id = $2"
        " join messages as m on m.conversation_id = c.id and m.sequence > c.last_sequence - $3"
        " where c.id = any($1) and m.deleted_at is null and case"
        " when c.owner_id = $2 or c.partner_id = $2"
        " then m.sequence > coalesce(r.read_sequence, 0) and m.sender_id <> $2"
        " else m.sequence > c.team_read and m.sender_id = c.owner_id end group by c.id",
        conversation_ids, reader, unread_count_max);
}

std::optional<MessageRow> find_sent(store::Tx& tx, ConversationId id, core::UserId sender,
                                    const ClientId& client_id) {
    return tx.find<MessageRow>("select " MESSAGE_COLUMNS
                               " from messages where conversation_id = $1 and sender_id = $2"
                               " and client_id = $3",
                               id, sender, client_id);
}

bool insert_message(store::Tx& tx, const MessageRow& row) {
    return tx.count_changed(
               "insert into messages (id, conversation_id, sequence, sender_id, client_id, text, created_at,"
               " picture_count) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
               row.id, row.conversation_id, row.sequence, row.sender_id, row.client_id, row.text,
               row.created_at, row.picture_count) > 0;
}

std::optional<MessageRow> find_message(store::Tx& tx, ConversationId id, MessageId message) {
    return tx.find<MessageRow>(
        "select " MESSAGE_COLUMNS " from messages where id = $1 and conversation_id = $2", message, id);
}

std::optional<MessageRow> find_support_message(store::Tx& tx, ConversationId id, MessageId message) {
    return tx.find<MessageRow>("select " MESSAGE_COLUMNS
                               " from messages where id = $1 and conversation_id = $2 and exists"
                               " (select 1 from conversations as c where c.id = $2 and c.kind = 'support')",
                               message, id);
}

std::vector<MessageRow> list_messages(store::Tx& tx, const std::vector<std::string>& message_ids) {
    return tx.list<MessageRow>("select " MESSAGE_COLUMNS
                               " from messages where id = any($1) order by conversation_id, sequence",
                               message_ids);
}

std::vector<MessageRow> list_last_messages(store::Tx& tx, const std::vector<std::string>& conversation_ids) {
    return tx.list<MessageRow>("select " MESSAGE_COLUMNS
                               " from messages where (conversation_id, sequence) in"
                               " (select id, last_sequence from conversations where id = any($1))",
                               conversation_ids);
}

std::vector<MessageRow> list_before(store::Tx& tx, ConversationId id, std::int64_t sequence,
                                    std::int64_t limit) {
    return tx.list<MessageRow>("select " MESSAGE_COLUMNS
                               " from messages where conversation_id = $1 and sequence < $2"
                               " order by sequence desc limit $3",
                               id, sequence, limit);
}

std::vector<MessageRow> list_after(store::Tx& tx, ConversationId id, std::int64_t sequence,
                                   std::int64_t limit) {
    return tx.list<MessageRow>("select " MESSAGE_COLUMNS
                               " from messages where conversation_id = $1 and sequence > $2"
                               " order by sequence limit $3",
                               id, sequence, limit);
}

#define CHANGEABLE                                                                      \
    " where id = $1 and conversation_id = $2 and sender_id = $3 and deleted_at is null" \
    " and created_at >= $4 returning " MESSAGE_COLUMNS

std::optional<MessageRow> set_text(store::Tx& tx, const MessagePatch& patch, core::UserId sender,
                                   core::Time since) {
    return tx.find<MessageRow>("update messages set text = $5, edited_at = $6" CHANGEABLE, patch.message_id,
                               patch.id, sender, since, patch.text, tx.now());
}

std::optional<MessageRow> set_deleted(store::Tx& tx, const MessagePath& path, core::UserId sender,
                                      core::Time since) {
    return tx.find<MessageRow>("update messages set text = '', picture_count = 0, deleted_at = $5" CHANGEABLE,
                               path.message_id, path.id, sender, since, tx.now());
}

std::vector<core::UserId> list_acquaintances(store::Tx& tx, core::UserId user, std::int64_t limit) {
    return tx.list<core::UserId>(
        "select distinct other.user_id from conversation_members as mine join conversation_members as other"
        " on other.conversation_id = mine.conversation_id"
        " where mine.user_id = $1 and mine.joined = 1 and other.joined = 1 and other.user_id <> $1 limit $2",
        user, limit);
}

bool is_blocked(store::Tx& tx, core::UserId one, core::UserId other) {
    return tx
        .find<std::int64_t>(
            "select 1 from chat_blocks where (user_id = $1 and blocked_id = $2)"
            " or (user_id = $2 and blocked_id = $1) limit 1",
            one, other)
        .has_value();
}

}  // namespace chat::queries
