#include "auth/decision_log.hpp"

#include "core/log.hpp"

namespace auth {

void log_decision(std::string_view what, const core::Caller& caller, std::string_view user) {
    spdlog::info("auth: {} user={} ip={} request={}", what, user.empty() ? "unknown" : user,
                 core::quoted(caller.ip), core::quoted(caller.request_id));
}

}  // namespace auth
