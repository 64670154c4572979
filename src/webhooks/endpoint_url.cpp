#include "webhooks/endpoint_url.hpp"

#include "outbound/public_address.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace webhooks {

core::Checked<EndpointUrl> EndpointUrl::from_text(std::string_view text) {
    auto refuse = [](std::string message) {
        return std::unexpected(core::Refusal{"invalid_url", std::move(message)});
    };
    if (text.size() > length_max) return refuse("must have at most 2000 characters");
    auto parsed = boost::urls::parse_absolute_uri(text);
    if (!parsed || parsed->host().empty() || (parsed->scheme() != "https" && parsed->scheme() != "http"))
        return refuse("must be an absolute URL, https://shop.example/hooks");
    if (parsed->has_userinfo())
        return refuse("must hold no user or password: whoever reads the list would see it");
    return trusted(std::string(text));
}

EndpointUrl EndpointUrl::trusted(std::string text) {
    EndpointUrl url;
    url.text_ = std::move(text);
    return url;
}

bool EndpointUrl::is_internal() const {
    boost::urls::url_view url(text_);
    if (url.scheme() != "https") return true;
    boost::system::error_code not_a_literal;
    auto address = boost::asio::ip::make_address(url.host_address(), not_a_literal);
    return !not_a_literal && !outbound::is_public(address);
}

}  // namespace webhooks
