// One line for each request on standard output, as text or JSON. Lines are gathered per thread and written in
// one go. Routes are logged as declared ("/v1/carts/{id}"), because a path may hold a secret: a guest's cart
// id is one.
#pragma once

#include "http/exchange.hpp"

#include "core/log.hpp"

namespace http {

class AccessLog {
public:
    explicit AccessLog(core::LogFormat format) : format_(format) {}
    ~AccessLog() { flush(); }
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    void add(const Call& call, unsigned status, std::size_t bytes, std::chrono::nanoseconds took);
    void flush();

private:
    core::LogFormat format_;
    std::string lines_;
};

}  // namespace http
