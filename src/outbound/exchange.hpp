// One HTTP request on one handle of libcurl, ready to be performed: what libcurl points at lives as long.
#pragma once

#include "outbound/curl.hpp"
#include "outbound/http.hpp"

#include <stop_token>

namespace outbound {

class Exchange {
public:
    // Takes the handle for this request. Redirects are answers, not followed; the environment's proxy is not
    // used, as it would connect for us, to anywhere.
    Exchange(curl::Easy handle, HttpRequest request, Reach reach);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    CURL* handle() const { return handle_.get(); }
    // Breaks the request off when asked to. `stop` must outlive the performing.
    void stop_with(const std::stop_token& stop);
    // After it was performed.
    HttpAnswer answer(CURLcode code);
    // The handle back, with its open connection, for another request.
    curl::Easy release();

private:
    void set_up();
    static std::size_t take(char* bytes, std::size_t size, std::size_t count, void* self);
    static curl_socket_t open_if_allowed(void* self, curlsocktype, curl_sockaddr* target);

    HttpRequest request_;
    Reach reach_;
    bool refused_address_ = false;
    std::string body_;
    curl::List headers_;
    curl::Easy handle_;
    char details_[CURL_ERROR_SIZE] = "";
};

}  // namespace outbound
