// Who may call an endpoint: said at its declaration, checked before its function runs, shown in the OpenAPI
// document.
#pragma once

#include "core/caller.hpp"
#include "core/error.hpp"

#include <functional>
#include <optional>

namespace http {

struct Access {
    bool signed_in = false;
    std::optional<core::Permission> permission;
    bool forgives_token = false;  // an access token that is no good counts as none
};

inline constexpr Access everyone{};
// For signing in and out: clients send the token they have with everything, also when it has expired.
inline constexpr Access everyone_whatever_token{.forgives_token = true};
inline constexpr Access signed_in{.signed_in = true};
constexpr Access needs(core::Permission permission) {
    return {.signed_in = true, .permission = permission};
}

// 401 for a guest where an account is needed, 403 for an account that lacks the permission.
core::Result<void> check(const Access& access, const core::Caller& caller);

// Turns a bearer token into a caller; auth/ provides it. Called for each request that carries one, so it must
// be quick and not block. Fills user, session, role and permissions.
using Authenticate =
    std::function<core::Result<void>(std::string_view bearer_token, core::Time now, core::Caller& caller)>;

}  // namespace http
