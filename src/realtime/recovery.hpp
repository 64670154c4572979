// Connection state recovery: for a while after a connection is lost, its socket's id, rooms and data are
// kept, and every event is logged, so that a client that comes back gets what it missed. Thread-safe.
#pragma once

#include "realtime/limits.hpp"
#include "realtime/outgoing.hpp"
#include "realtime/rooms.hpp"

#include "core/id.hpp"

#include <any>
#include <chrono>
#include <deque>
#include <list>

namespace realtime {

using TimePoint = std::chrono::steady_clock::time_point;

class Recovery {
public:
    explicit Recovery(const Limits& limits);

    bool is_on() const { return limits_.recovery.count() > 0; }

    struct Session {
        std::string id;
        std::vector<std::string> rooms;
        std::optional<core::UserId> user;
        std::any data;
        TimePoint lost_at;
    };
    struct Recovered {
        Session session;
        std::vector<std::shared_ptr<const Packets>> missed;
        std::uint64_t seen_up_to = 0;
    };

    // Logs an event and hands it out, both under one lock: everybody gets events in the log's order. `encode`
    // gets the offset that the client is to remember; `hand_out` the packets and their number.
    void log(
        Target target, TimePoint now,
        const std::function<std::shared_ptr<const Packets>(const std::string& offset)>& encode,
        const std::function<void(const std::shared_ptr<const Packets>&, std::uint64_t number)>& hand_out);

    void keep(std::string private_id, Session session);

    // The session, if it was this user's, is not too old, and all that came behind `offset` is still there.
    std::optional<Recovered> take(const std::string& private_id, std::string_view offset,
                                  const std::optional<core::UserId>& user, TimePoint now);

private:
    struct Logged {
        TimePoint at;
        Target target;
        std::shared_ptr<const Packets> packets;
        std::size_t bytes = 0;
    };
    void forget_old(TimePoint now);
    std::optional<std::uint64_t> number_of(std::string_view offset) const;

    const Limits& limits_;
    std::string prefix_;  // of offsets: those of another start of the program mean nothing
    std::mutex mutex_;
    std::deque<Logged> log_;
    std::uint64_t last_number_ = 0;  // of the newest event in the log
    std::size_t log_bytes_ = 0;
    std::unordered_map<std::string, Session> sessions_;
    std::deque<std::pair<TimePoint, std::string>> by_age_;
};

}  // namespace realtime
