#include "audit/queries.hpp"

namespace audit::queries {
namespace {

#define ENTRY_COLUMNS "id, at, actor, session, ip, request_id, action, target, before, after, position, mac "

constexpr store::Sql insert_sql =
    "insert into audit_log (id, at, actor, session, ip, request_id, action, target, before, after) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr store::Sql find_sql = "select " ENTRY_COLUMNS "from audit_log where id = $1";
constexpr store::Sql list_sql =
    "select " ENTRY_COLUMNS "from audit_log where id < $1 order by id desc limit $2";
constexpr store::Sql list_of_actor_sql = "select " ENTRY_COLUMNS
                                         "from audit_log where id < $1 and actor = $3 and (cast($4 as text) "
                                         "is null or target = $4) order by id desc limit $2";
constexpr store::Sql list_of_target_sql =
    "select " ENTRY_COLUMNS "from audit_log where id < $1 and target = $3 order by id desc limit $2";
// Updating it to itself takes its lock on either engine.
constexpr store::Sql lock_head_sql =
    "insert into audit_head (one, position, mac) values (1, 0, '') "
    "on conflict (one) do update set position = audit_head.position returning position, mac";
constexpr store::Sql find_head_sql = "select position, mac from audit_head where one = 1";
constexpr store::Sql set_head_sql = "update audit_head set position = $1, mac = $2 where one = 1";
constexpr store::Sql chain_sql = "update audit_log set position = $2, mac = $3 where id = $1";
constexpr store::Sql list_chained_sql =
    "select " ENTRY_COLUMNS "from audit_log where position > $1 order by position limit $2";
constexpr store::Sql count_unchained_sql = "select count(*) from audit_log where position is null";

}  // namespace

void insert_entry(store::Tx& tx, const EntryRow& row) {
    tx.run(insert_sql, row.id, row.at, row.actor, row.session, row.ip, row.request_id, row.action, row.target,
           row.before, row.after);
}

std::optional<EntryRow> find_entry(store::Tx& tx, const std::string& id) {
    return tx.find<EntryRow>(find_sql, id);
}

std::vector<EntryRow> list_entries(store::Tx& tx, const AuditQuery& query, AuditId before,
                                   std::int64_t limit) {
    if (query.actor) return tx.list<EntryRow>(list_of_actor_sql, before, limit, *query.actor, query.target);
    if (query.target) return tx.list<EntryRow>(list_of_target_sql, before, limit, *query.target);
    return tx.list<EntryRow>(list_sql, before, limit);
}

Head lock_head(store::Tx& tx) {
    return tx.get<Head>(lock_head_sql);
}

Head find_head(store::Tx& tx) {
    return tx.find<Head>(find_head_sql).value_or(Head{});
}

void set_head(store::Tx& tx, const Head& head) {
    tx.run(set_head_sql, head.position, head.mac);
}

void chain_entry(store::Tx& tx, AuditId id, const Head& head) {
    tx.run(chain_sql, id, head.position, head.mac);
}

std::vector<EntryRow> list_chained(store::Tx& tx, std::int64_t after, std::int64_t limit) {
    return tx.list<EntryRow>(list_chained_sql, after, limit);
}

std::int64_t count_unchained(store::Tx& tx) {
    return tx.get<std::int64_t>(count_unchained_sql);
}

}  // namespace audit::queries
