#include "core/caller.hpp"

#include <array>
#include <utility>

namespace core {
namespace {

constexpr std::array<std::pair<Permission, std::string_view>, 7> permission_names{{
    {Permission::catalog_write, "catalog:write"},
    {Permission::orders_read, "orders:read"},
    {Permission::orders_write, "orders:write"},
    {Permission::users_read, "users:read"},
    {Permission::users_write, "users:write"},
    {Permission::chat_agent, "chat:agent"},
    {Permission::settings_write, "settings:write"},
}};

}  // namespace

std::string_view name_of(Permission permission) {
    return permission_names[static_cast<std::size_t>(permission)].second;
}

std::optional<Permission> permission_from_name(std::string_view name) {
    for (auto [permission, known] : permission_names) {
        if (known == name) return permission;
    }
    return {};
}

std::vector<std::string> Permissions::names() const {
    std::vector<std::string> names;
    for (auto [permission, name] : permission_names) {
        if (has(permission)) names.emplace_back(name);
    }
    return names;
}

Permissions permissions_of(Role role) {
    using enum Permission;
    switch (role) {
        case Role::customer: return {};
        case Role::support: return {chat_agent, orders_read, users_read};
        case Role::manager: return {chat_agent, orders_read, users_read, catalog_write, orders_write};
        case Role::admin:
            return {catalog_write, orders_read, orders_write,  users_read,
                    users_write,   chat_agent,  settings_write};
    }
    return {};
}

}  // namespace core
