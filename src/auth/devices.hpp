// Where an account is signed in: its sessions as a list of devices, and the end of each (SE-10).
#pragma once

#include "auth/sessions.hpp"

#include "core/page.hpp"
#include "http/api.hpp"

namespace auth {

struct Device {
    core::SessionId id;
    core::Time created_at;
    core::Time last_used_at;
    std::string ip;  // where it began
    std::string user_agent;
    bool current = false;  // the one that asks
};
BOOST_DESCRIBE_STRUCT(Device, (), (id, created_at, last_used_at, ip, user_agent, current))

struct DeviceQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(DeviceQuery, (), (limit, cursor))

struct DeviceRef {
    core::SessionId id;
};
BOOST_DESCRIBE_STRUCT(DeviceRef, (), (id))

// The caller's own sessions that go on, newest first.
core::Result<core::List<Device>> list_devices(store::Tx& tx, const core::Caller& caller,
                                              const DeviceQuery& query);

// Ends one of the caller's sessions, be it this one. Errors: not_found.
core::Result<http::Nothing> end_device(store::Tx& tx, const core::Caller& caller, const DeviceRef& ref,
                                       const Sessions& sessions);

// Ends all of the caller's sessions but this one.
core::Result<http::Nothing> end_other_devices(store::Tx& tx, const core::Caller& caller,
                                              const Sessions& sessions);

}  // namespace auth
