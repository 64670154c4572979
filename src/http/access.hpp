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
    std::optional<core::Permission> staff;  // who has it may do to everybody's what others may to their own
    bool forgives_token = false;            // an access token that is no good counts as none
    bool second_factor = false;             // the caller gave one a moment ago
    bool reauthenticated = false;           // the caller proved who they are a moment ago

    // For what a stolen token must not do: granting roles, making API keys, taking everybody's data away.
    constexpr Access with_second_factor() const {
        Access stricter = *this;
        stricter.second_factor = true;
        return stricter;
    }
    // For changes of the caller's own credentials whose request proves nothing by itself.
    constexpr Access with_reauthentication() const {
        Access stricter = *this;
        stricter.reauthenticated = true;
        return stricter;
    }
};

inline constexpr Access everyone{};
// For signing in and out: clients send the token they have with everything, also when it has expired.
inline constexpr Access everyone_whatever_token{.forgives_token = true};
inline constexpr Access signed_in{.signed_in = true};
constexpr Access needs(core::Permission permission) {
    return {.signed_in = true, .permission = permission};
}

// For people, who see their own, and for staff and API keys with the permission, who see all.
constexpr Access signed_in_or_staff(core::Permission permission) {
    return {.signed_in = true, .staff = permission};
}

// 401 for a guest where an account is needed; 403 for an account that lacks the permission (forbidden), the
// second factor (mfa_required) or the recent proof (reauthentication_required).
core::Result<void> check(const Access& access, const core::Caller& caller);

// Turns a bearer token into a caller; auth/ provides it. Called for each request that carries one, so it must
// be quick and not block. Fills user, session, role and permissions.
using Authenticate =
    std::function<core::Result<void>(std::string_view bearer_token, core::Time now, core::Caller& caller)>;

}  // namespace http
