// Who is calling and what they may do. http/ fills it in before an endpoint runs; rules only read it.
#pragma once

#include "core/id.hpp"
#include "core/time.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace core {

enum class Permission {
    catalog_write,
    orders_read,
    orders_write,
    users_read,
    users_write,
    chat_agent,
    settings_write
};

// "catalog:write": the name that clients see.
std::string_view name_of(Permission permission);
std::optional<Permission> permission_from_name(std::string_view name);

class Permissions {
public:
    constexpr Permissions() = default;
    constexpr Permissions(std::initializer_list<Permission> list) {
        for (Permission permission : list)
            bits_ |= bit(permission);
    }
    constexpr void add(Permission permission) { bits_ |= bit(permission); }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool has(Permission permission) const { return (bits_ & bit(permission)) != 0; }
    constexpr bool covers(Permissions others) const { return (others.bits_ & ~bits_) == 0; }
    std::vector<std::string> names() const;

private:
    static constexpr std::uint32_t bit(Permission permission) {
        return 1U << static_cast<unsigned>(permission);
    }
    std::uint32_t bits_ = 0;
};

enum class Role { customer, support, manager, admin };
BOOST_DESCRIBE_ENUM(Role, customer, support, manager, admin)

// What each role may do (API.md, Conventions).
Permissions permissions_of(Role role);

struct Caller {
    std::optional<UserId> user;        // empty: a guest
    std::optional<SessionId> session;  // of a signed-in person
    std::optional<ApiKeyId> api_key;   // a program instead of a person: it has permissions, but is nobody
    Role role = Role::customer;
    Permissions permissions;
    bool reauthenticated = false;  // proved who they are a moment ago (SE-11); auth::Settings says how long
    bool second_factor = false;    // …and gave a second factor then
    bool needs_second_factor = false;  // a role whose permissions wait for one; `permissions` is empty
    std::string ip;
    std::string user_agent;  // as the client says, cut at 200 bytes
    std::string request_id;
    std::optional<Time> proof_ends_at;  // when the access token does; empty: nothing runs out

    bool may(Permission permission) const { return permissions.has(permission); }
    bool is(const std::optional<UserId>& owner) const { return user && owner && *user == *owner; }
    // "usr_…", "key_…" or "guest": how ledgers and timelines name who did something.
    std::string actor() const { return user ? user->str() : api_key ? api_key->str() : "guest"; }
};

}  // namespace core
