#include "auth/devices.hpp"

#include "auth/decision_log.hpp"
#include "auth/queries.hpp"

namespace auth {
namespace {

constexpr std::string_view list_order = "newest";

}  // namespace

core::Result<core::List<Device>> list_devices(store::Tx& tx, const core::Caller& caller,
                                              const DeviceQuery& query) {
    auto before = core::SessionId::from_text("ses_7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    if (query.cursor) {
        before = core::SessionId::from_text(query.cursor->id);
        if (query.cursor->order != list_order || !before)
            return core::fail(core::ErrorCode::invalid_parameter, "The cursor belongs to another list.");
    }
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
    return core::page_of(std::move(devices), limit, [](const Device& last) {
        return core::Cursor{std::string(list_order), "", last.id.str()};
    });
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
