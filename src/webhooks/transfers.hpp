// HTTP POSTs on their way, many at once on one thread, by libcurl. Knows nothing of the database.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace webhooks {

struct Post {
    std::int64_t number = 0;  // the caller's own
    std::string url;
    std::vector<std::string> headers;
    std::string body;
};

struct Answer {
    std::int64_t number = 0;
    std::optional<std::int64_t> status;  // of HTTP, if an answer came
    std::optional<std::string> error;    // why there was none
};

class Transfers {
public:
    // `allows_internal`: also to addresses that are not public.
    explicit Transfers(bool allows_internal);
    ~Transfers();

    void start(Post post);
    // Waits until an answer came, wake() was called or the time is over; gives the answers that came.
    // Redirects are answers, not followed; bodies are read and forgotten.
    std::vector<Answer> wait(std::chrono::milliseconds at_most);
    // From any thread: ends a wait().
    void wake();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace webhooks
