#include "outbound/exchange.hpp"

#include "outbound/public_address.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstring>

namespace outbound {
namespace {

constexpr long connect_timeout_s = 5;

boost::asio::ip::address address_of(const curl_sockaddr& target) {
    boost::asio::ip::tcp::endpoint endpoint;
    endpoint.resize(target.addrlen);
    std::memcpy(endpoint.data(), &target.addr, target.addrlen);
    return endpoint.address();
}

int break_off_if_stopped(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

}  // namespace

Exchange::Exchange(curl::Easy handle, HttpRequest request, Reach reach)
    : request_(std::move(request)),
      reach_(reach),
      headers_(curl::list_of(request_.headers)),
      handle_(std::move(handle)) {
    set_up();
}

// The address that a name led to is judged when it is connected to: a name that answers differently the
// second time gets nowhere.
curl_socket_t Exchange::open_if_allowed(void* self, curlsocktype, curl_sockaddr* target) {
    auto& exchange = *static_cast<Exchange*>(self);
    bool internet = target->family == AF_INET || target->family == AF_INET6;
    bool allowed = exchange.reach_ == Reach::anywhere || (internet && is_public(address_of(*target)));
    if (!allowed) {
        exchange.refused_address_ = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

std::size_t Exchange::take(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    auto room = exchange.request_.answer_bytes_max - exchange.body_.size();
    exchange.body_.append(bytes, std::min(size * count, room));
    return size * count;
}

void Exchange::set_up() {
    auto set = [this](CURLoption option, auto value) { curl::set(handle_, option, value); };
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, details_);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, reach_ == Reach::anywhere ? "http,https" : "https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    set(CURLOPT_USERAGENT, "Kontor/" KONTOR_VERSION);
    set(CURLOPT_HTTPHEADER, headers_.get());
    if (request_.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (request_.method != "GET" || !request_.body.empty()) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
        set(CURLOPT_POSTFIELDS, request_.body.c_str());
    }
    set(CURLOPT_WRITEFUNCTION, take);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
    set(CURLOPT_OPENSOCKETFUNCTION, open_if_allowed);
    set(CURLOPT_OPENSOCKETDATA, this);
}

void Exchange::stop_with(const std::stop_token& stop) {
    curl::set(handle_, CURLOPT_XFERINFOFUNCTION, break_off_if_stopped);
    curl::set(handle_, CURLOPT_XFERINFODATA, &stop);
    curl::set(handle_, CURLOPT_NOPROGRESS, 0L);
}

HttpAnswer Exchange::answer(CURLcode code) {
    HttpAnswer answer{.number = request_.number};
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) {
        answer.status = status;
        answer.body = std::move(body_);
    } else if (refused_address_) {
        answer.error = "the address is not public";
    } else {
        answer.error = *details_ ? details_ : curl_easy_strerror(code);
    }
    return answer;
}

curl::Easy Exchange::release() {
    curl_easy_reset(handle_.get());  // keeps the connection, forgets what it pointed at
    return std::move(handle_);
}

}  // namespace outbound
