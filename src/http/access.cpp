#include "http/access.hpp"

namespace http {

core::Result<void> check(const Access& access, const core::Caller& caller) {
    if (access.signed_in && !caller.user) {
        return core::fail(core::ErrorCode::unauthenticated,
                          "Sign in and send the access token as a bearer token.");
    }
    if (access.permission && !caller.may(*access.permission)) {
        return core::fail(
            core::ErrorCode::forbidden,
            "This needs the permission " + std::string(core::name_of(*access.permission)) + ".");
    }
    return {};
}

}  // namespace http
