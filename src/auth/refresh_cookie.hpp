// The refresh token in a cookie that no script can read, for browsers that ask for it with `X-Refresh-Token:
// cookie`. That header is also what keeps other sites from refreshing with it: a page of another origin can't
// send it unless CORS lets it (ASVS 3.5.1), and SameSite=Strict keeps the cookie away from other sites
// altogether.
#pragma once

#include "auth/settings.hpp"
#include "auth/sign_in.hpp"

#include "http/message.hpp"

namespace auth {

class RefreshCookie {
public:
    // Secure, and named so, if the shop is reached by https.
    explicit RefreshCookie(const Settings& settings);

    static bool is_wanted(const http::Request& request);  // by its header
    static bool is_sent(const http::Request& request);

    // The token of the cookie; none if the request didn't ask for cookies. Errors: forbidden for a request
    // that another site's page made.
    core::Result<std::optional<RefreshTokenText>> read(const http::Request& request) const;

    void set(http::Reply& reply, std::string_view token) const;
    void clear(http::Reply& reply) const;

private:
    void add(http::Reply& reply, std::string_view token, std::chrono::seconds life) const;

    std::string name_;
    std::string attributes_;
    std::chrono::seconds life_;
};

}  // namespace auth
