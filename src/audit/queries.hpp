// The SQL of the audit log.
#pragma once

#include "audit/chain.hpp"

namespace audit::queries {

void insert_entry(store::Tx& tx, const EntryRow& row);
std::optional<EntryRow> find_entry(store::Tx& tx, const std::string& id);
// Newest first, behind `before`.
std::vector<EntryRow> list_entries(store::Tx& tx, const AuditQuery& query, AuditId before,
                                   std::int64_t limit);

// The end of the chain, locked until the end of the transaction.
Head lock_head(store::Tx& tx);
Head find_head(store::Tx& tx);
void set_head(store::Tx& tx, const Head& head);
void chain_entry(store::Tx& tx, AuditId id, const Head& head);

// Chained ones behind that position, in the order of the chain.
std::vector<EntryRow> list_chained(store::Tx& tx, std::int64_t after, std::int64_t limit);
std::int64_t count_unchained(store::Tx& tx);

}  // namespace audit::queries
