// What happens after a commit and what happens by the clock.
//
// A follower reads the event log with a cursor of its own, stored in the same database: applying an event and
// moving the cursor are one transaction, so its effect on the database happens exactly once, over crashes and
// restarts. A schedule runs a transaction every so often.
#pragma once

#include "store/database.hpp"

#include <chrono>
#include <memory>

namespace jobs {

struct Follower {
    std::string name;                // stored with the cursor: never rename
    std::vector<std::string> types;  // "order.placed"; empty: every event
    std::function<void(store::Tx&, const store::Event&)> apply;
};

struct Schedule {
    std::string name;
    std::chrono::milliseconds every;
    // Does a bounded piece of work; true if there is more to do right away.
    std::function<bool(store::Tx&)> run;
};

// Owns one thread. Errors of a follower are logged and retried with back-off; its cursor stays where it was.
class Runner {
public:
    explicit Runner(store::Database& database);
    ~Runner();

    void add(Follower follower);  // before start()
    void add(Schedule schedule);

    void start();
    void stop();  // returns when nothing of it runs any more

    // There may be new events. Commits on this database ring by themselves; those of other programs are found
    // within a second.
    void wake();

    // Runs every follower to the end of the log, and every schedule until it has no more to do, on the
    // calling thread. Errors are thrown. For tests and the command line.
    void run_all_now();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace jobs
