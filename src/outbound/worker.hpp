// A thread that works in rounds, as everything does that tells others what the database says: look what is
// due, send it, note the outcome, wait. What a round can't do is still in the database for the next one, so
// an exception costs a pause and nothing else.
#pragma once

#include "core/error.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>

namespace outbound {

class Worker {
public:
    // One round. Returns how long nothing else will be due; `stop` asks it to break off.
    using Round = std::function<std::chrono::milliseconds(const std::stop_token& stop)>;

    // `name` stands in the log.
    Worker(std::string name, Round round);
    ~Worker();

    void start();
    // Asks the round to end, for those that wait in it for something else; then stop().
    void request_stop();
    // Returns when nothing of it runs any more.
    void stop();
    // From any thread: the next round is now.
    void wake();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace outbound
