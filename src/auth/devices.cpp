#include "auth/devices.hpp"

#include "auth/decision_log.hpp"
#include "auth/queries.hpp"

namespace auth {
namespace {

constexpr std::string_view list_order = "newest";

}  // namespace

core::Result<core::List<Device>> list_devices(store::Tx& tx, const core::Caller& caller,
                                              const DeviceQuery& query) {
    auto before = core::place_of(query.cursor, list_order, core::SessionId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::int64_t limit = query.limit.value_or(core::page_limit_default);
    std::vector<Device> devices;
    for (auto& row : queries::list_sessions_of(tx, *caller.user, *before, limit + 1)) {
        devices.push_back({.id = row.id,
                           .created_at = row.created_at,
                           .last_used_at = row.last_used_at,
                           .ip = std::move(row.ip),
                           .user_agent = std::move(row.user_agent),
                           .current = row.id == caller.session});
    }
    return core::page_by_id(std::move(devices), limit, list_order);
}

core::Result<http::Nothing> end_device(store::Tx& tx, const core::Caller& caller, const DeviceRef& ref,
                                       const Sessions& sessions) {
    if (!sessions.revoke_own(tx, *caller.user, ref.id, "revoked")) return core::not_found("session");
    log_decision("session ended", caller, caller.actor());
    return http::Nothing{};
}

core::Result<http::Nothing> end_other_devices(store::Tx& tx, const core::Caller& caller,
                                              const Sessions& sessions) {
    sessions.revoke_all(tx, *caller.user, caller.session, "revoked");
    log_decision("other sessions ended", caller, caller.actor());
    return http::Nothing{};
}

}  // namespace auth
