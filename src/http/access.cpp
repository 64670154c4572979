#include "http/access.hpp"

namespace http {

core::Result<void> check(const Access& access, const core::Caller& caller) {
    if (access.signed_in && caller.api_key && !access.permission &&
        !(access.staff && caller.may(*access.staff))) {
        return core::fail(core::ErrorCode::forbidden,
                          "An API key can't do this: it is nobody's account, and lacks the permission to do "
                          "it for others.");
    }
    if (access.signed_in && !caller.user && !caller.api_key) {
        return core::fail(core::ErrorCode::unauthenticated,
                          "Sign in and send the access token as a bearer token.");
    }
    if (access.permission && caller.needs_second_factor) {
        return core::fail(
            core::ErrorCode::mfa_required,
            "Your role needs a second factor. Set one up with POST /v1/auth/mfa/totp, or sign in "
            "with the one you have.");
    }
    if (access.permission && !caller.may(*access.permission)) {
        return core::fail(
            core::ErrorCode::forbidden,
            "This needs the permission " + std::string(core::name_of(*access.permission)) + ".");
    }
    if (access.second_factor && !caller.second_factor) {
        return core::fail(
            core::ErrorCode::mfa_required,
            "This needs a second factor given a moment ago: send a code to POST "
            "/v1/auth/step-up and use the access token it answers. If you have no second factor "
            "yet, set one up with POST /v1/auth/mfa/totp.");
    }
    if (access.reauthenticated && !caller.reauthenticated) {
        return core::fail(core::ErrorCode::reauthentication_required,
                          "This needs a fresh proof that it is you: send your password or a code to POST "
                          "/v1/auth/step-up and use the access token it answers.");
    }
    return {};
}

}  // namespace http
