// One line for each request on standard output, as text or JSON. Lines are gathered per thread and written in
// one go. Routes are logged as declared ("/v1/carts/{id}"), because a path may hold a secret: a guest's cart
// id is one.
#pragma once

#include "http/exchange.hpp"

#include "core/log.hpp"

namespace http {

class AccessLog {
public:
    // A request that takes `slow` or longer is told of in the program's log too; 0: none is.
    AccessLog(core::LogFormat format, std::chrono::milliseconds slow) : format_(format), slow_(slow) {}
    ~AccessLog() { flush(); }
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    void add(const Call& call, unsigned status, std::size_t bytes, std::chrono::nanoseconds took);
    void flush();

private:
    void tell_slow(const Call& call, std::string_view route, unsigned status,
                   std::chrono::nanoseconds took) const;

    core::LogFormat format_;
    std::chrono::milliseconds slow_;
    std::string lines_;
};

}  // namespace http
