// HTTP requests on their way, many at once on one thread. Knows nothing of the database.
#pragma once

#include "outbound/http.hpp"

#include <memory>

namespace outbound {

class Transfers {
public:
    explicit Transfers(Reach reach);
    ~Transfers();

    void start(HttpRequest request);
    // Waits until an answer came, wake() was called or the time is over; gives the answers that came.
    std::vector<HttpAnswer> wait(std::chrono::milliseconds at_most);
    // From any thread: ends a wait().
    void wake();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace outbound
