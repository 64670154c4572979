// One follower on its way through the event log. The runner calls step() again and again; nobody else does.
//
// The cursor row decides who applies an event: it is moved, by an update that names its old place, in the
// transaction that applies. Two programs with the same follower therefore never apply an event twice. Events
// of no interest only move the place in memory, and the row once in a while, because a write for each of them
// would be paid for nothing.
#pragma once

#include "jobs/runner.hpp"

namespace jobs {

inline constexpr int skipped_max = 1000;  // events passed over before the row is moved behind them

class Following {
public:
    Following(store::Database& database, Follower follower);

    enum class Outcome {
        moved,      // there may be more
        idle,       // at the end of the log
        held_back,  // at the end of what can be read; more is committed already and will show shortly
        overtaken,  // another program is applying these events, or has
    };
    // Applies the next events, at most 100, in one transaction. Exceptions and errors of the follower are
    // thrown: the cursor stays, and the events that follow are tried one by one.
    Outcome step();

    const std::string& name() const { return follower_.name; }

private:
    using Position = store::Database::Position;
    using LoggedEvent = store::Database::LoggedEvent;

    bool wants(const store::Event& event) const;
    Position load();
    bool apply(std::span<const LoggedEvent* const> wanted, Position to);

    store::Database& database_;
    Follower follower_;
    std::optional<Position> stored_;  // the cursor row as last seen; empty: read it again
    Position seen_;                   // at or after it
    int skipped_ = 0;                 // events between the two
    int one_by_one_ = 0;              // events still to apply singly after a failure
};

}  // namespace jobs
