// What is known of a client in a namespace. Everything but what is said to be guarded belongs to its lane's
// thread.
#pragma once

#include "realtime/hub.hpp"
#include "realtime/lane.hpp"
#include "realtime/outgoing.hpp"
#include "realtime/rooms.hpp"

#include <deque>

namespace realtime {

class Client;

struct SocketState : std::enable_shared_from_this<SocketState> {
    SocketState(std::shared_ptr<Namespace> in, Lane& on, std::string own_id)
        : space(std::move(in)), lane(on), id(std::move(own_id)) {}

    // Constant.
    std::shared_ptr<Namespace> space;
    Lane& lane;
    std::string id;
    std::string private_id;  // with which a lost connection is taken up again; empty: never
    boost::json::object auth;
    std::shared_ptr<const Opening> opening;
    bool recovered = false;

    mutable std::mutex mutex;
    core::Caller caller;  // guarded by mutex: a refreshed token may change it

    Client* client = nullptr;  // null when it is gone
    std::vector<Membership> memberships;
    std::uint64_t met_in_visit = 0;
    std::uint64_t seen_up_to = 0;  // packets of the log that the recovery has sent already
    std::any data;
    std::optional<core::Time> expires_at;
    bool was_warned = false;

    struct Question {
        TimePoint ends_at;
        OnAnswer on_answer;
    };
    std::map<std::uint64_t, Question> questions;
    std::uint64_t next_question = 0;

    struct Waiting {
        Event event;
        Ack ack;
    };
    bool is_working = false;                              // a task runs
    std::unique_ptr<std::deque<Waiting>> waiting_events;  // behind it; made when first needed

    std::unique_ptr<Timer> timer;  // for questions and the end of the token; made when first needed

    core::Caller caller_copy() const {
        std::lock_guard lock(mutex);
        return caller;
    }
};

}  // namespace realtime
