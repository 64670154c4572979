#include "realtime/engine.hpp"

#include "realtime/deflate.hpp"
#include "realtime/websocket_handshake.hpp"

#include "async/resume.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace realtime {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;

constexpr std::size_t id_random_bytes = 18;  // 144 bits, which is 24 characters
constexpr std::size_t id_length = 26;        // and two for the lane
constexpr std::size_t user_agent_length_max = 200;
constexpr std::string_view protocol_version = "4";

std::string make_id(unsigned lane) {
    std::array<unsigned char, 1> number{static_cast<unsigned char>(lane)};
    return core::to_base64url(core::random_bytes<id_random_bytes>()) + core::to_hex(number);
}

// Has `work` done on `lane`; resumes here with the answer it gives, from whatever thread, whenever that is.
awaitable<http::Reply> ask(Lane& lane, std::function<void(GiveReply)> work) {
    auto home = co_await asio::this_coro::executor;
    auto start = [&](auto handler) {
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        GiveReply give = [waiting, home](http::Reply reply) {
            async::resume_on(home, [waiting, reply = std::move(reply)]() mutable {
                std::move (*waiting)(std::move(reply));
            });
        };
        bool runs = lane.enter([work = std::move(work), give] { work(give); });
        if (!runs) give(engine_error(EngineError::unknown_session));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(http::Reply)>(
        start, asio::use_awaitable);
}

// A socket belongs to the io_context that opened it; this takes it to another one.
http::Handover moved_to(Lane& lane, http::Handover handover) {
    boost::system::error_code failed;
    auto protocol = handover.socket.local_endpoint(failed).protocol();
    auto native = handover.socket.release(failed);
    if (failed) throw boost::system::system_error(failed, "can't move a connection to its session's thread");
    asio::ip::tcp::socket socket(lane.io(), protocol, native);
    socket.non_blocking(true);
    return {std::move(socket), std::move(handover.unread), std::move(handover.place)};
}

// What a request says its body has, 0 if it doesn't say. Whether that is a number is the web server's to
// check.
std::uint64_t announced_size(const http::Request& head) {
    std::uint64_t size = 0;
    std::string_view text = head.header("content-length");
    std::from_chars(text.data(), text.data() + text.size(), size);
    return size;
}

http::Reply switching_protocols() {
    http::Reply reply;
    reply.status = 101;
    return reply;
}

}  // namespace

struct Engine::Asked {
    std::vector<std::pair<std::string, std::string>> query;
    Transport transport = Transport::polling;
    bool upgrades = false;
    std::optional<std::string> id;

    std::optional<std::string> parameter(std::string_view name) const {
        for (const auto& [key, value] : query) {
            if (key == name) return value;
        }
        return {};
    }
};

Engine::Engine(EngineOptions options, Open open) : options_(std::move(options)), open_(std::move(open)) {}

http::Gateway Engine::gateway() {
    return {.path = options_.path,
            .start =
                [this](unsigned thread, asio::io_context& io) {
                    lanes_.push_back(std::make_unique<Lane>(thread, io, options_.limits));
                },
            .stop = [this](unsigned thread, TimePoint deadline) { lanes_[thread]->stop(deadline); },
            .begin = [this](unsigned, const http::Request& head) { return begin_post(head); },
            .serve = [this](unsigned thread, const http::Request& request,
                            http::Visit& visit) { return serve(*lanes_[thread], request, visit); }};
}

std::size_t Engine::connection_count() const {
    std::size_t count = 0;
    for (const auto& lane : lanes_)
        count += lane->connection_count();
    return count;
}

// What any request says about itself, checked in npm engine.io's order.
std::expected<Engine::Asked, http::Reply> Engine::read(const http::Request& request) {
    auto query = http::parse_query(request.query);
    if (!query) return std::unexpected(engine_error(EngineError::bad_request));
    Asked asked{.query = std::move(*query)};
    auto transport = asked.parameter("transport");
    if (transport != "polling" && transport != "websocket")
        return std::unexpected(engine_error(EngineError::unknown_transport));
    asked.transport = transport == "polling" ? Transport::polling : Transport::websocket;
    asked.upgrades = asks_for_websocket(request);
    asked.id = asked.parameter("sid");
    bool matches = asked.upgrades == (asked.transport == Transport::websocket);
    if (!asked.id && request.method != http::Method::get)
        return std::unexpected(engine_error(EngineError::bad_handshake_method));
    if (!matches && !asked.id) return std::unexpected(engine_error(EngineError::bad_request));
    if (!asked.id && asked.parameter("EIO") != protocol_version)
        return std::unexpected(engine_error(EngineError::unsupported_version));
    return asked;
}

Engine::Reply Engine::serve(Lane& lane, const http::Request& request, http::Visit& visit) {
    auto asked = read(request);
    if (!asked) co_return std::move(asked.error());
    if (asked->upgrades) {
        if (auto refused = refuse_websocket(request)) co_return std::move(*refused);
        // A web page of somebody else must not open one with this visitor's address (ASVS 4.4.2).
        if (!is_own_page(request)) co_return engine_error(EngineError::forbidden);
    }
    if (!asked->id) co_return co_await open_session(lane, request, visit, std::move(*asked));
    if (asked->upgrades) co_return co_await serve_upgrade(lane, request, visit, std::move(*asked->id));
    co_return co_await serve_polling(request, visit, std::move(*asked->id));
}

bool Engine::is_own_page(const http::Request& request) const {
    std::string_view origin = request.header("origin");
    if (origin.empty()) return true;  // no browser
    auto is_listed = [&](const std::string& listed) { return listed == "*" || listed == origin; };
    if (std::ranges::any_of(options_.origins, is_listed)) return true;
    std::size_t scheme_end = origin.find("://");
    return scheme_end != std::string_view::npos && origin.substr(scheme_end + 3) == request.header("host");
}

bool Engine::takes_deflate(const http::Request& request) const {
    return options_.limits.deflate && offers_deflate(request.header("sec-websocket-extensions"));
}

Opening Engine::opening_of(const http::Request& request, Asked& asked) const {
    Opening opening;
    opening.ip = request.ip;
    opening.user_agent = request.header("user-agent").substr(0, user_agent_length_max);
    opening.origin = request.header("origin");
    opening.url = request.target;
    opening.query = std::move(asked.query);
    opening.at = request.arrived;
    if (options_.keeps_headers) {
        for (const http::Header& header : request.headers)
            opening.headers.emplace_back(header.name, header.value);
    }
    return opening;
}

std::shared_ptr<Connection> Engine::make_connection(Lane& lane, Transport transport, Opening opening) {
    auto connection = std::make_shared<Connection>(lane, make_id(lane.number()), transport,
                                                   std::make_shared<const Opening>(std::move(opening)));
    connection->carry(open_(*connection));
    lane.add(connection);
    return connection;
}

Engine::Reply Engine::open_session(Lane& lane, const http::Request& request, http::Visit& visit,
                                   Asked asked) {
    Opening opening = opening_of(request, asked);
    if (options_.allow) {
        auto allowed = co_await options_.allow(opening);
        if (!allowed) co_return engine_error(EngineError::forbidden, allowed.error().detail);
    }
    if (lane.is_stopping()) co_return engine_error(EngineError::bad_request);
    if (asked.transport == Transport::polling) {
        auto connection = make_connection(lane, Transport::polling, std::move(opening));
        co_return poll_answer(connection->open_packet());
    }
    bool deflate = takes_deflate(request);
    std::string answer = websocket_answer(request, deflate);
    auto websocket = std::make_shared<WebSocket>(lane, visit.take(), deflate);
    auto connection = make_connection(lane, Transport::websocket, std::move(opening));
    connection->start_with(std::move(websocket), std::move(answer));
    co_return switching_protocols();
}

// The lane that a session's id names, or null.
Lane* Engine::lane_of(std::string_view id) const {
    if (id.size() != id_length) return nullptr;
    unsigned number = 0;
    auto digits = id.substr(id_length - 2);
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + 2, number, 16);
    if (failed != std::errc{} || end != digits.data() + 2 || number >= lanes_.size()) return nullptr;
    return lanes_[number].get();
}

// A POST from its head to its answer. Its client may be gone before that.
struct Engine::Posting {
    Posting(Lane& lane, std::string session, std::uint64_t number)
        : home(lane), id(std::move(session)), request(number) {}
    ~Posting() {
        home.enter([&lane = home, id = std::move(id), request = request] {
            if (auto connection = lane.find(id)) connection->post_was_cancelled(request);
        });
    }
    Posting(const Posting&) = delete;
    Posting& operator=(const Posting&) = delete;

    Lane& home;
    std::string id;
    const std::uint64_t request;
};

// Two bodies for one session on their way at once: their packets would have no order.
std::shared_ptr<void> Engine::begin_post(const http::Request& head) {
    auto asked = read(head);
    if (!asked || !asked->id || asked->upgrades || head.method != http::Method::post) return nullptr;
    Lane* home = lane_of(*asked->id);
    if (!home || announced_size(head) > options_.limits.payload_bytes_max) return nullptr;
    auto posting = std::make_shared<Posting>(*home, *asked->id, ++requests_);
    home->enter([home, id = posting->id, request = posting->request] {
        if (auto connection = home->find(id)) connection->begin_post(request);
    });
    return posting;
}

Engine::Reply Engine::serve_polling(const http::Request& request, http::Visit& visit, std::string id) {
    Lane* home = lane_of(id);
    if (!home) co_return engine_error(EngineError::unknown_session);
    bool gets = request.method == http::Method::get;
    bool is_binary = request.header("content-type") == "application/octet-stream";
    bool fits = gets || (request.method == http::Method::post && !is_binary);
    auto posting = std::static_pointer_cast<Posting>(visit.begun());
    std::uint64_t number = gets ? ++requests_ : posting ? posting->request : 0;
    if (gets) {
        visit.when_gone([home, id, number] {
            home->enter([home, id, number] {
                if (auto connection = home->find(id)) connection->poll_was_cancelled(number);
            });
        });
    }
    // The body stays where it is until the answer is there.
    auto work = [home, id, gets, fits, number, body = request.body](const GiveReply& give) {
        auto connection = home->find(id);
        if (!connection) return give(engine_error(EngineError::unknown_session));
        if (!fits) {
            connection->refuse(Reason::transport_error);
            return give(engine_error(EngineError::bad_request));
        }
        gets ? connection->poll(number, give) : connection->post(number, body, give);
    };
    co_return co_await ask(*home, work);
}

Engine::Reply Engine::serve_upgrade(Lane& lane, const http::Request& request, http::Visit& visit,
                                    std::string id) {
    Lane* home = lane_of(id);
    if (!home) co_return engine_error(EngineError::unknown_session);
    http::Reply known = co_await ask(*home, [home, id](const GiveReply& give) {
        give(home->find(id) ? switching_protocols() : engine_error(EngineError::unknown_session));
    });
    if (known.status != switching_protocols().status) co_return known;
    bool deflate = takes_deflate(request);
    std::string answer = websocket_answer(request, deflate);
    http::Handover handover = visit.take();
    if (&lane != home) handover = moved_to(*home, std::move(handover));
    auto shared = std::make_shared<http::Handover>(std::move(handover));
    home->enter([home, id, shared, answer, deflate] {
        auto connection = home->find(id);
        if (!connection) return;  // closed meanwhile: so is the socket
        auto websocket = std::make_shared<WebSocket>(*home, std::move(*shared), deflate);
        connection->probe_with(std::move(websocket), answer);
    });
    co_return switching_protocols();
}

}  // namespace realtime
