#include "http/exchange.hpp"

#include "http/bearer.hpp"
#include "http/counting.hpp"
#include "http/problem.hpp"

#include "core/log.hpp"

namespace http {
namespace {

// Those who watch the server come often, and come to see it when it has too much to do.
constexpr auto watches_us = [](const Operation* asked) { return asked && asked->room == "system"; };

struct InFlight {
    explicit InFlight(std::atomic<std::size_t>& counter) : count(counter), before(count.fetch_add(1)) {}
    ~InFlight() { count.fetch_sub(1); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    std::atomic<std::size_t>& count;
    std::size_t before;
};

core::Error internal_error() {
    return {core::ErrorCode::internal, "", {}, {}};
}

void log_failure(const Call& call, const char* what) {
    spdlog::error("{} {} failed: {} request_id={}", name_of(call.match.operation->method),
                  call.match.operation->path, core::quoted(what), call.request.request_id);
}

// Who is known and tries what they may not do (ASVS 16.3.2). The access log has the rest.
void log_refusal(const Call& call, const core::Error& error) {
    spdlog::info("http: {} for {} in {} {} ip={} request_id={}", core::name_of(error.code),
                 call.caller.actor(), name_of(call.match.operation->method), call.match.operation->path,
                 core::quoted(call.caller.ip), call.request.request_id);
}

}  // namespace

Reply* Exchange::give(Reply reply) {
    given_ = std::move(reply);
    return &given_;
}

Reply* Exchange::give(const core::Error& error, const Call& call) {
    return give(problem(error, call.request.request_id));
}

Reply* Exchange::answer_now(Call& call) {
    call.match = shop_.router.find(call.request.method, call.request.path);
    if (auto counted = count_request(call); !counted) return give(counted.error(), call);
    if (auto refused = refuse_method(call)) return give(std::move(*refused));
    const Operation& operation = *call.match.operation;
    if (auto identified = identify(call); !identified) return give(identified.error(), call);
    if (operation.kind != Operation::Kind::read) return nullptr;
    if (operation.depends_on) {
        // Callers who may see different things never share an answer.
        call.kept_key.assign(call.request.target);
        call.kept_key += call.caller.may(core::Permission::catalog_write) ? '\x01' : '\x02';
        if (Reply* kept = find_kept(call)) return kept;
    }
    return shop_.database.reads_in_place() ? read_in_place(call) : nullptr;
}

core::Result<std::uint64_t> Exchange::upload_max(Call& call, const Request& head) {
    call.match = shop_.router.find(head.method, head.path);
    const Operation* operation = call.match.operation;
    if (!operation || operation->upload_bytes_max == 0) return 0;
    if (auto identified = identify(call); !identified) return std::unexpected(std::move(identified.error()));
    return operation->upload_bytes_max;
}

core::Result<void> Exchange::count_request(const Call& call) const {
    if (shop_.limits.address_requests_max == 0 || watches_us(call.match.operation)) return {};
    auto wait_s = shop_.rates.count(call.caller.ip, call.request.arrived);
    if (!wait_s) return {};
    return core::fail_until(*wait_s, "There were too many requests from your address in this minute.");
}

std::optional<Reply> Exchange::refuse_method(const Call& call) const {
    const Request& request = call.request;
    if (call.match.operation) return {};
    auto allowed = call.match.allowed;
    if (allowed.empty()) {
        return problem({core::ErrorCode::not_found, "There is nothing at this address.", {}, {}},
                       request.request_id);
    }
    if (shop_.cors.is_preflight(request)) return shop_.cors.preflight(request, allowed);
    Reply reply;
    if (request.method == Method::options) {
        reply.status = 204;
    } else {
        reply =
            problem({core::ErrorCode::method_not_allowed, "This address doesn't take that method.", {}, {}},
                    request.request_id);
    }
    reply.add_header("allow", allow_value(allowed));
    return reply;
}

core::Result<void> Exchange::identify(Call& call) const {
    core::Caller& caller = call.caller;
    caller.user.reset();
    caller.session.reset();
    caller.api_key.reset();
    caller.role = core::Role::customer;
    caller.permissions = {};
    caller.proof_ends_at.reset();
    caller.reauthenticated = caller.second_factor = caller.needs_second_factor = false;
    std::string_view authorization = call.request.header("authorization");
    if (!authorization.empty()) {
        auto token = bearer_token(authorization);
        if (!token) {
            return core::fail(core::ErrorCode::unauthenticated,
                              "The Authorization header must be a bearer token.");
        }
        auto known = shop_.authenticate(*token, call.request.arrived, caller);
        if (!known && !call.match.operation->access.forgives_token) return known;
    }
    auto allowed = check(call.match.operation->access, caller);
    if (!allowed && (caller.user || caller.api_key)) log_refusal(call, allowed.error());
    return allowed;
}

Reply* Exchange::read_in_place(Call& call) {
    const Operation& operation = *call.match.operation;
    try {
        auto input = operation.decode(call.request, call.match.parameters);
        if (!input) return give(input.error(), call);
        if (operation.pool && operation.takes_long(*input)) return nullptr;
        auto seen = shop_.changes.latest();
        auto output = shop_.database.read_now([&](store::Tx& tx) {
            Counting counting(call);
            return operation.apply(tx, call.caller, *input);
        });
        if (!output) return give(output.error(), call);
        Reply* reply = give(encode_read(call, *output));
        keep(call, *output, *reply, seen, Kept::never);
        return reply;
    } catch (const std::exception& failure) {
        log_failure(call, failure.what());
        return give(internal_error(), call);
    }
}

boost::asio::awaitable<Reply> Exchange::answer(Call& call) {
    std::optional<InFlight> in_flight;
    if (!watches_us(call.match.operation)) in_flight.emplace(shop_.in_flight);
    if (in_flight && in_flight->before >= shop_.limits.in_flight_max) {
        co_return problem({core::ErrorCode::overloaded, "The server is busy. Try again shortly.", {}, {}},
                          call.request.request_id);
    }
    std::string failed;
    try {
        co_return co_await dispatch(call);
    } catch (const std::exception& failure) {
        failed = failure.what();
    }
    log_failure(call, failed.c_str());
    co_return problem(internal_error(), call.request.request_id);
}

boost::asio::awaitable<Reply> Exchange::dispatch(Call& call) {
    const Operation& operation = *call.match.operation;
    if (operation.kind == Operation::Kind::read) co_return co_await read(call);
    if (operation.kind == Operation::Kind::write) co_return co_await write(call);
    if (operation.kind == Operation::Kind::run) co_return co_await run(call);
    co_return co_await operation.raw(call.request, call.caller, call.match.parameters);
}

}  // namespace http
