// The audit log: every write that somebody could do because of a permission, who did it, and what was before
// and after. Entries belong to the transaction they tell of. A follower chains them: each carries a MAC over
// itself and the one before, under a key derived from the server's secret, so that one who can write to the
// database can't take an entry out, change one or write one without `kontor audit verify` telling
// (ASVS 16.4.2).
#pragma once

#include "core/page.hpp"
#include "http/api.hpp"
#include "http/privileged.hpp"
#include "jobs/runner.hpp"

namespace audit {

using AuditId = core::Id<"aud">;
using Key = std::array<unsigned char, 32>;

// Longer ones are kept as their fingerprint: the log must not hold the shop's catalogue several times over.
inline constexpr std::size_t value_bytes_max = 64 * 1024;

struct AuditEntry {
    AuditId id;
    core::Time at;
    std::string actor;  // "usr_…", "key_…" or "command line"
    std::string ip;
    std::string request_id;
    std::string action;         // "PATCH /v1/users/{id}"
    std::string target;         // "/v1/users/usr_…"
    boost::json::value before;  // null where something new is added
    boost::json::value after;
    std::optional<std::int64_t> position;  // in the chain; null for a moment
};
BOOST_DESCRIBE_STRUCT(AuditEntry, (),
                      (id, at, actor, ip, request_id, action, target, before, after, position))

struct AuditQuery {
    std::optional<core::Text<1, 40>> actor;
    std::optional<core::Text<1, 300>> target;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(AuditQuery, (), (actor, target, limit, cursor))

// Appends an entry. http::RecordWrite.
void record(store::Tx& tx, const http::PrivilegedWrite& write);
// The same for what the owner does on the command line. `after` is JSON without secrets.
void record_command(store::Tx& tx, std::string_view command, std::string_view target, std::string after);

// Newest first.
core::Result<core::List<AuditEntry>> list_entries(store::Tx& tx, const core::Caller& caller,
                                                  const AuditQuery& query);

void add_routes(http::Api& api);
// Chains entries in the order of their commits.
jobs::Follower chaining(const Key& key);

// Walks the whole chain, in pages.
struct Finding {
    std::int64_t position = 0;
    std::string what;  // "the entry is missing"
};
struct Verdict {
    std::int64_t entries = 0;
    std::string
        head;  // "POSITION:MAC" of the last one: kept elsewhere, it proves that nothing was cut off later
    std::vector<Finding> findings;
};
// `known_head`: such a text from before, or empty.
Verdict verify(store::Database& database, const Key& key, const std::string& known_head);

}  // namespace audit
