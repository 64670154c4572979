#include "auth/refresh_cookie.hpp"

namespace auth {
namespace {

constexpr std::string_view wish_header = "x-refresh-token";
constexpr std::string_view wish = "cookie";
constexpr std::string_view plain_name = "kontor_refresh";
constexpr std::string_view secure_prefix =
    "__Secure-";  // browsers take it over https only (RFC 6265bis §4.1.3)

// The value of a cookie in "a=1; b=2", or nothing.
std::string_view find_cookie(std::string_view cookies, std::string_view name) {
    while (!cookies.empty()) {
        std::string_view pair = cookies.substr(0, cookies.find(';'));
        cookies.remove_prefix(std::min(cookies.size(), pair.size() + 1));
        while (pair.starts_with(' '))
            pair.remove_prefix(1);
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
            return pair.substr(name.size() + 1);
    }
    return {};
}

}  // namespace

RefreshCookie::RefreshCookie(const Settings& settings)
    : name_(plain_name),
      attributes_("; Path=/v1/auth; HttpOnly; SameSite=Strict"),
      life_(settings.refresh_absolute) {
    if (!settings.issuer.starts_with("https://")) return;
    name_.insert(0, secure_prefix);
    attributes_ += "; Secure";
}

bool RefreshCookie::is_wanted(const http::Request& request) {
    return request.header(wish_header) == wish;
}

bool RefreshCookie::is_sent(const http::Request& request) {
    return request.header("cookie").find(plain_name) != std::string_view::npos;
}

core::Result<std::optional<RefreshTokenText>> RefreshCookie::read(const http::Request& request) const {
    if (!is_wanted(request)) return std::nullopt;
    std::string_view token = find_cookie(request.header("cookie"), name_);
    if (token.empty()) return std::nullopt;
    if (request.header("sec-fetch-site") == "cross-site")
        return core::fail(core::ErrorCode::forbidden, "Another site's page can't use this cookie.");
    auto checked = RefreshTokenText::from_text(token);
    if (!checked) return std::nullopt;
    return std::move(*checked);
}

void RefreshCookie::set(http::Reply& reply, std::string_view token) const {
    add(reply, token, life_);
}

void RefreshCookie::clear(http::Reply& reply) const {
    add(reply, {}, {});
}

void RefreshCookie::add(http::Reply& reply, std::string_view token, std::chrono::seconds life) const {
    reply.add_header("Set-Cookie", name_ + "=" + std::string(token) + attributes_ +
                                       "; Max-Age=" + std::to_string(life.count()));
}

}  // namespace auth
