// The front door of Socket.IO: namespaces, sockets, rooms, events and acks. A room of the shop uses nothing
// else of realtime/ but this and typed.hpp.
//
//   realtime::Namespace& shop = hub.of("/");
//   shop.admit([&](const Handshake& handshake) -> Admitted { … });
//   shop.on("typing", [](Socket& socket, Event& event, Ack&) { … });
//   realtime::answers(shop, "message:send", send_message);        // typed.hpp: struct in, struct acked
//   shop.to_user(user).emit("order:updated", order);               // from any thread
//
// A connection lives on one I/O thread. Its handlers run there, one event of a socket after the other, so
// they must not block; everything that is sent may be sent from any thread. Declare namespaces and handlers
// before the server starts.
#pragma once

#include "realtime/arguments.hpp"
#include "realtime/limits.hpp"
#include "realtime/opening.hpp"
#include "realtime/reason.hpp"

#include "core/caller.hpp"
#include "core/error.hpp"
#include "core/time.hpp"
#include "http/gateway.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <any>
#include <expected>
#include <functional>

namespace realtime {

class Hub;
class Namespace;
struct SocketState;  // socket_state.hpp

// An event as a client sent it.
struct Event {
    std::string name;
    boost::json::array arguments;  // behind the name; a binary value is {"_placeholder":true,"num":index}
    Attachments attachments;

    // The argument at `index`, or null.
    const boost::json::value& argument(std::size_t index) const;
    Arguments forwarded(std::size_t first = 0) const {
        return Arguments::forwarded(arguments, attachments, first);
    }
};

// Answers an event. Works once, from any thread, also later; does nothing if the client asked for no answer
// or is gone.
class Ack {
public:
    Ack() = default;
    Ack(std::weak_ptr<SocketState> socket, std::uint64_t id);

    bool wanted() const { return state_ != nullptr; }
    template <class... Args>
    void operator()(const Args&... args) const {
        send(Arguments::of(args...));
    }
    void send(Arguments arguments) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

// What a client answered to an event of ours; empty when it didn't in time or is gone.
struct Answer {
    boost::json::array arguments;
    Attachments attachments;
};
using OnAnswer = std::function<void(const std::optional<Answer>&)>;

// A client that is connected to a namespace. A handle: cheap to copy, keeps its state alive, and what is sent
// to a socket that is gone goes nowhere. Every method may be called from any thread.
class Socket {
public:
    explicit Socket(std::shared_ptr<SocketState> state) : state_(std::move(state)) {}

    const std::string& id() const;  // another one than the connection's
    const std::string& namespace_name() const;
    Namespace& space() const;
    const Opening& opening() const;
    const boost::json::object& auth() const;  // what the client connected with
    core::Caller caller() const;
    bool recovered() const;  // continues a connection that was lost: id, rooms and missed events restored

    template <class... Args>
    void emit(std::string_view event, const Args&... args) const {
        send(event, Arguments::of(args...));
    }
    void send(std::string_view event, Arguments arguments) const;
    // Dropped if the client isn't ready to be written to.
    void send_volatile(std::string_view event, Arguments arguments) const;
    // `on_answer` runs once on the socket's thread: with the answer, or with nothing after `timeout`.
    void ask(std::string_view event, Arguments arguments, milliseconds timeout, OnAnswer on_answer) const;

    void join(std::string room) const;  // nothing happens beyond limits.rooms_max
    void leave(std::string room) const;
    std::vector<std::string> rooms() const;  // on its own thread only

    // From this namespace, or with `close` the whole connection.
    void disconnect(bool close = false) const;

    // A place for what a room wants to remember. On its own thread only (handlers run there).
    std::any& data() const;

    bool operator==(const Socket& other) const { return state_ == other.state_; }
    const std::shared_ptr<SocketState>& state() const { return state_; }

private:
    std::shared_ptr<SocketState> state_;
};

// Whom to send to. Without to(): everybody in the namespace. A client in several of the rooms gets it once.
// Order: what one thread sends arrives in that order.
class Broadcast {
public:
    explicit Broadcast(Namespace& space) : space_(space) {}

    Broadcast& to(std::string room);      // or a socket's id
    Broadcast& except(std::string room);  // or a socket's id
    Broadcast& is_volatile() {            // clients that can't be written to right now miss it
        volatile_ = true;
        return *this;
    }
    // Also clients of the shop's other nodes, if the hub has an adapter (adapter.hpp). Not for what the event
    // log tells each node anyway, nor for what is longer than nodes::word_bytes_max.
    Broadcast& on_all_nodes() {
        on_all_nodes_ = true;
        return *this;
    }

    template <class... Args>
    void emit(std::string_view event, const Args&... args) const {
        send(event, Arguments::of(args...));
    }
    void send(std::string_view event, Arguments arguments) const;
    void disconnect(bool close = false) const;
    void join(std::vector<std::string> rooms) const;
    void leave(std::vector<std::string> rooms) const;

private:
    Namespace& space_;
    std::vector<std::string> rooms_;
    std::vector<std::string> except_;
    bool volatile_ = false;
    bool on_all_nodes_ = false;
};

// Who wants to connect to a namespace, and with what.
struct Handshake {
    std::string_view namespace_name;
    const boost::json::object& auth;  // {} if the client sent none
    const Opening& opening;
};

// Who that is. A signed-in caller's socket is in the rooms "user:usr_…" and "session:ses_…" without more ado.
struct Admission {
    core::Caller caller;
    // When the proof ends. A minute before, the client gets `auth:expiring {expires_at}`; if it doesn't emit
    // `auth:refresh {token}` (acked {ok}) with one of the same user until then, it is disconnected.
    std::optional<core::Time> expires_at;
};
// What the client's connect_error says: its message and its data.
struct Refused {
    std::string message;
    boost::json::object data;

    static Refused because(const core::Error& error);  // data: {code}
};
using Admitted = std::expected<Admission, Refused>;

class Namespace : public std::enable_shared_from_this<Namespace> {
public:
    using Admit = std::function<Admitted(const Handshake&)>;  // quick, doesn't block
    using OnEvent = std::function<void(Socket&, Event&, Ack&)>;
    using Task = std::function<boost::asio::awaitable<void>(Socket, Event, Ack)>;
    using Greeting = std::function<boost::asio::awaitable<void>(Socket)>;

    Namespace(Hub& hub, std::string name);
    ~Namespace();
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;

    // Without one, everybody comes in as a guest.
    void admit(Admit admit);
    void on_connect(std::function<void(Socket&)> listener);
    // A coroutine for each socket behind on_connect. Its first event waits until that has ended.
    void greets(Greeting greeting);
    void on_disconnect(std::function<void(Socket&, Reason)> listener);
    // A user's first socket came (online) or the last one went.
    void on_presence(std::function<void(const core::UserId&, bool online)> listener);

    void on(std::string event, OnEvent handler);
    // A coroutine on the socket's thread. The next event of this socket waits until it has ended.
    void runs(std::string event, Task task);

    Broadcast everybody() { return Broadcast(*this); }
    Broadcast to(std::string room) { return std::move(Broadcast(*this).to(std::move(room))); }
    Broadcast to_user(const core::UserId& user) { return to(user_room(user)); }
    Broadcast to_session(const core::SessionId& session) { return to(session_room(session)); }
    Broadcast but(const Socket& socket) { return std::move(Broadcast(*this).except(socket.id())); }

    bool is_online(const core::UserId& user) const;
    std::size_t socket_count() const;

    static std::string user_room(const core::UserId& user) { return "user:" + user.str(); }
    static std::string session_room(const core::SessionId& session) { return "session:" + session.str(); }

    Hub& hub() const { return hub_; }
    const std::string& name() const { return name_; }

    struct State;  // namespace_state.hpp
    State& state() const { return *state_; }

private:
    Hub& hub_;
    std::string name_;
    std::unique_ptr<State> state_;
};

struct HubOptions {
    std::string path = "/socket.io/";
    Limits limits;
    std::vector<std::string> origins;  // web pages that may connect besides the server's own; "*": any
    bool keeps_headers = false;        // of the opening request, for handlers that look at them
    // Asked before a connection opens; an error refuses it with 403 and its detail.
    std::function<boost::asio::awaitable<core::Result<void>>(const Opening&)> allow;
};

class Hub {
public:
    explicit Hub(HubOptions options, const core::Clock& clock);
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    // Made at the first call of that name.
    Namespace& of(std::string_view name);
    // Clients make namespaces of any name that `matches`: each has the handlers declared on what is returned
    // here, and ends with its last socket.
    Namespace& of_matching(std::function<bool(std::string_view name)> matches);

    // Where the server brings requests for options.path. Valid as long as this object.
    http::Gateway gateway();

    std::size_t connection_count() const;

    struct State;  // hub_state.hpp
    State& state() const { return *state_; }

private:
    std::unique_ptr<State> state_;
};

}  // namespace realtime
