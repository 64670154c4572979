#include "audit/audit.hpp"

#include "audit/queries.hpp"

#include "core/encoding.hpp"
#include "core/json_read.hpp"
#include "core/log.hpp"
#include "core/random.hpp"

#include <boost/json/parse.hpp>

namespace audit {
namespace {

constexpr std::string_view recorded_event = "audit.recorded";
constexpr std::string_view list_order = "newest";

std::string bounded(std::string json) {
    if (json.size() <= value_bytes_max) return json;
    return "\"" + std::to_string(json.size()) + " bytes, BLAKE2b " + core::to_hex(core::fingerprint(json)) +
           "\"";
}

void append(store::Tx& tx, EntryRow row) {
    row.id = AuditId::at(tx.now());
    row.at = tx.now();
    row.before = bounded(std::move(row.before));
    row.after = bounded(std::move(row.after));
    queries::insert_entry(tx, row);
    tx.append_event(std::string(recorded_event), row.id.str(), "\"" + fingerprint_of(row) + "\"");
}

boost::json::value value_of(const std::string& json) {
    return json.empty() ? boost::json::value() : boost::json::parse(json);
}

AuditEntry to_entry(EntryRow row) {
    return {.id = row.id,
            .at = row.at,
            .actor = std::move(row.actor),
            .ip = std::move(row.ip),
            .request_id = std::move(row.request_id),
            .action = std::move(row.action),
            .target = std::move(row.target),
            .before = value_of(row.before),
            .after = value_of(row.after),
            .position = row.position};
}

// An entry that is gone, or isn't what its event announced, gets its link all the same: the chain tells.
void chain(store::Tx& tx, const store::Event& event, const Key& key) {
    auto entry = queries::find_entry(tx, event.subject);
    if (entry && entry->position) return;
    bool as_announced = entry && event.payload == "\"" + fingerprint_of(*entry) + "\"";
    if (!as_announced) {
        spdlog::error("audit: the entry {} was {} before it could be chained", event.subject,
                      entry ? "changed" : "removed");
    }
    Head head = queries::lock_head(tx);
    EntryRow linked;
    if (entry && as_announced) {
        linked = std::move(*entry);
    } else if (auto id = AuditId::from_text(event.subject)) {
        linked.id = *id;  // a link to nothing that the log holds
    }
    Head next{head.position + 1, mac_of(key, head, linked)};
    if (entry) queries::chain_entry(tx, linked.id, next);
    queries::set_head(tx, next);
}

}  // namespace

void record(store::Tx& tx, const http::PrivilegedWrite& write) {
    append(tx, {.actor = write.caller.actor(),
                .session = write.caller.session ? write.caller.session->str() : std::string(),
                .ip = write.caller.ip,
                .request_id = write.caller.request_id,
                .action = std::string(write.method) + " " + std::string(write.path),
                .target = std::string(write.target),
                .before = write.before,
                .after = write.after});
}

void record_command(store::Tx& tx, std::string_view command, std::string_view target, std::string after) {
    append(tx, {.actor = "command line",
                .action = std::string(command),
                .target = std::string(target),
                .after = std::move(after)});
}

core::Result<core::List<AuditEntry>> list_entries(store::Tx& tx, const core::Caller&,
                                                  const AuditQuery& query) {
    auto before = core::place_of(query.cursor, list_order, AuditId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::int64_t limit = query.limit ? query.limit->value : core::page_limit_default;
    std::vector<AuditEntry> entries;
    for (auto& row : queries::list_entries(tx, query, *before, limit + 1))
        entries.push_back(to_entry(std::move(row)));
    return core::page_by_id(std::move(entries), limit, list_order);
}

void add_routes(http::Api& api) {
    api.room("audit");
    api.get("/v1/audit", http::needs(core::Permission::settings_write),
            "What was done with a permission, by whom, before and after; newest first")
        .reads(list_entries);
}

jobs::Follower chaining(const Key& key) {
    return {.name = "audit.chain",
            .types = {std::string(recorded_event)},
            .apply = [key](store::Tx& tx, const store::Event& event) { chain(tx, event, key); }};
}

}  // namespace audit
