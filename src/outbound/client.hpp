// HTTP requests one at a time on the calling thread, over connections that are kept: for a provider that is
// asked something now and then. Thread-safe; blocks, so never call it inside a transaction or on an I/O
// thread.
#pragma once

#include "outbound/http.hpp"

#include <memory>
#include <stop_token>

namespace outbound {

class Client {
public:
    explicit Client(Reach reach);
    ~Client();

    // Breaking off counts as no answer.
    HttpAnswer send(HttpRequest request, const std::stop_token& stop = {});

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace outbound
