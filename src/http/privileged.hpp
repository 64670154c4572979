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
    std::string before = {};  // JSON, or empty where the endpoint names no read to compare with
    std::string after = {};   // JSON: the answer, without secrets; empty for one without content
};

using RecordWrite = std::function<void(store::Tx&, const PrivilegedWrite&)>;

// A write by permission: the endpoint's, or that of staff where customers do it to what is their own.
inline bool is_privileged(const Operation& operation, const core::Caller& caller) {
    if (operation.method == Method::get) return false;
    const Access& access = operation.access;
    return access.permission || (access.staff && caller.may(*access.staff));
}

}  // namespace http
