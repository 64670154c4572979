// The event log as it grows, for what is only worth telling now: sockets. Every program on the database hears
// every event that commits while it runs, its own and those of other nodes, after the commit. Unlike a
// follower (runner.hpp) it has no stored cursor: it begins at the end of the log, and what happened while it
// was down is for clients to ask.
#pragma once

#include "store/database.hpp"

#include <memory>

namespace jobs {

class LiveFeed {
public:
    // `events` are in the order of their ids: of two about the same thing the one committed first comes
    // first, over batches too. Runs on the feed's own thread, may read the database, and must not wait for a
    // client. Whoever throws hears the same events again, for as long as the database is away; with a
    // database that answers, twice.
    using Hear = std::function<void(std::span<const store::Event> events)>;

    // For who must know how far the log was heard. On the feed's own thread too.
    struct Watch {
        std::function<void()> begin;  // before the log is looked at
        // What a look has shown, before anybody hears of it. `moment` shows these events.
        std::function<void(std::span<const store::Event> events, const store::Database::Moment& moment)> look;
        // Whatever `moment` shows was heard by everybody.
        std::function<void(const store::Database::Moment& moment)> end;
    };

    explicit LiveFeed(store::Database& database);
    ~LiveFeed();

    // Both before start().
    void add(Hear hear);
    void watch(Watch watch);

    // What commits from here on is heard. Throws if the database doesn't answer.
    void start();
    void stop();  // returns when nothing of it runs any more

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace jobs
