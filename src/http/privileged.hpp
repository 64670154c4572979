// Writes that somebody may do because of a permission. Each is told to a recorder (audit/ provides it) inside
// its own transaction: here once for all rooms, so that no room can forget to.
#pragma once

#include "http/api.hpp"

#include <functional>

namespace http {

struct PrivilegedWrite {
    const core::Caller& caller;
    std::string_view method;
    std::string_view path;    // as declared: "/v1/users/{id}"
    std::string_view target;  // as called: "/v1/users/usr_…"
    std::string before = {};  // JSON: what the path names, or the nearest above it (Api::resource_of)
    std::string after = {};   // JSON: the answer, without secrets, else what the path names then
};

using RecordWrite = std::function<void(store::Tx&, const PrivilegedWrite&)>;

// Whether somebody may call it because of a permission.
inline bool can_be_privileged(const Operation& operation) {
    return operation.method != Method::get && (operation.access.permission || operation.access.staff);
}

// A write by permission: the endpoint's, or that of staff where customers do it to what is their own.
inline bool is_privileged(const Operation& operation, const core::Caller& caller) {
    const Access& access = operation.access;
    return can_be_privileged(operation) && (access.permission || caller.may(*access.staff));
}

}  // namespace http
