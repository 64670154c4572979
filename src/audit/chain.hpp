// The chain of audit entries: rows, and the MAC that ties each to the one before.
#pragma once

#include "audit/audit.hpp"

namespace audit {

struct EntryRow {
    AuditId id;
    core::Time at;
    std::string actor;
    std::string session;
    std::string ip;
    std::string request_id;
    std::string action;
    std::string target;
    std::string before;
    std::string after;
    std::optional<std::int64_t> position;
    std::optional<std::string> mac;
};
BOOST_DESCRIBE_STRUCT(EntryRow, (),
                      (id, at, actor, session, ip, request_id, action, target, before, after, position, mac))

struct Head {
    std::int64_t position = 0;  // of the last entry; 0: there is none
    std::string mac;
};
BOOST_DESCRIBE_STRUCT(Head, (), (position, mac))

// Over the head before and the whole entry.
std::string mac_of(const Key& key, const Head& before, const EntryRow& entry);
// Of an entry by itself, for the event that announces it: between its commit and its chaining it can't be
// changed unnoticed either.
std::string fingerprint_of(const EntryRow& entry);

}  // namespace audit
