#include "http/exchange.hpp"

#include "http/bearer.hpp"
#include "http/counting.hpp"
#include "http/problem.hpp"

#include "core/log.hpp"
#include "store/isolation.hpp"

namespace http {
namespace {

// Those who watch the server come often, and come to see it when it has too much to do.
constexpr auto watches_us = [](const Operation* asked) { return asked && asked->room == "system"; };

// What a write transaction leaves for its answer.
struct Written {
    store::Box output;  // encoded outside the transaction…
    std::string body;   // …unless the transaction had to store it
    unsigned status = 200;
    bool encoded = false;
    bool replayed = false;
};

core::Result<void> check_if_match(store::Tx& tx, const Call& call, std::string_view if_match) {
    const Operation& operation = *call.match.operation;
    auto current = operation.current(tx, call.caller, call.request, call.match.parameters);
    if (!current) return std::unexpected(std::move(current.error()));
    if (names_tag(if_match, entity_tag(*current))) return {};
    return core::fail(core::ErrorCode::stale, "The resource has changed since you read it. Read it again.");
}

PrivilegedWrite described(const Call& call) {
    const Operation& operation = *call.match.operation;
    return {.caller = call.caller,
            .method = name_of(operation.method),
            .path = operation.path,
            .target = call.request.path};
}

std::string audit_text(const Operation& operation, const store::Box& output) {
    if (operation.audited) return operation.audited(output);
    std::string text;
    operation.encode(output, text);
    return text;
}

// What a privileged write is about, as it stands now; empty if there is nothing. The log tells all of it, not
// only what the caller might have read.
std::string subject_of(store::Tx& tx, const Shop& shop, const Call& call) {
    const Operation* resource = shop.api.resource_of(*call.match.operation);
    if (!resource) return {};
    auto input = resource->decode_path(call.match.parameters);
    if (!input) return {};
    core::Caller auditor = call.caller;
    auditor.permissions = core::permissions_of(core::Role::admin);
    auto output = resource->apply(tx, auditor, *input);
    return output ? audit_text(*resource, *output) : std::string();
}

PrivilegedWrite begun(store::Tx& tx, const Shop& shop, const Call& call) {
    PrivilegedWrite write = described(call);
    write.before = subject_of(tx, shop, call);
    return write;
}

// The work of a write endpoint inside its transaction: guard, replay, rule, audit, and the stored answer.
core::Result<Written> perform(store::Tx& tx, const Shop& shop, const Call& call, const store::Box& input,
                              const std::optional<IdempotencyKey>& key) {
    const Operation& operation = *call.match.operation;
    std::string_view if_match = call.request.header("if-match");
    const bool guarded = !if_match.empty() && operation.current;
    // Of two who saw the same, the second must see the first one's change.
    if (guarded) store::isolate(shop.database, tx);
    if (key) {
        auto stored = find_answer(tx, *key);
        if (!stored) return std::unexpected(std::move(stored.error()));
        if (*stored) {
            return Written{
                {}, std::move((*stored)->answer), static_cast<unsigned>((*stored)->status), true, true};
        }
    }
    if (guarded) {
        if (auto checked = check_if_match(tx, call, if_match); !checked)
            return std::unexpected(std::move(checked.error()));
    }
    std::optional<PrivilegedWrite> privileged;
    if (is_privileged(operation, call.caller)) privileged.emplace(begun(tx, shop, call));
    auto output = operation.apply(tx, call.caller, input);
    if (!output) return std::unexpected(std::move(output.error()));
    if (privileged) {
        privileged->after = audit_text(operation, *output);
        if (privileged->after.empty()) privileged->after = subject_of(tx, shop, call);
        shop.record_write(tx, *privileged);
    }
    Written written{std::move(*output), {}, operation.status, false, false};
    if (key) {
        operation.encode(written.output, written.body);
        written.encoded = true;
        store_answer(tx, *key, written.status, written.body);
    }
    return written;
}

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

// What takes several transactions is recorded before the first, so that nothing privileged happens
// unrecorded, and once more behind the last, with what has become of it.
boost::asio::awaitable<core::Result<std::string>> Exchange::record_begin(const Call& call) {
    auto work = [&](store::Tx& tx) {
        PrivilegedWrite write = begun(tx, shop_, call);
        shop_.record_write(tx, write);
        return std::move(write.before);
    };
    auto before = co_await store::write(shop_.database, work);
    co_return before;
}

boost::asio::awaitable<void> Exchange::record_end(const Call& call, std::string before, std::string after) {
    auto work = [&](store::Tx& tx) {
        PrivilegedWrite write = described(call);
        write.before = before;
        write.after = after;
        shop_.record_write(tx, write);
    };
    auto recorded = co_await store::write(shop_.database, work);
    if (!recorded) log_failure(call, "the audit log has its beginning and not its end");
}

boost::asio::awaitable<Reply> Exchange::write(Call& call) {
    const Operation& operation = *call.match.operation;
    auto input = operation.decode(call.request, call.match.parameters);
    if (!input) co_return problem(input.error(), call.request.request_id);
    std::optional<IdempotencyKey> key;
    if (operation.method == Method::post && operation.replays) {
        auto found = idempotency_key_of(call.request, call.caller, operation.cart_of(*input));
        if (!found) co_return problem(found.error(), call.request.request_id);
        key = std::move(*found);
    }
    if (operation.prove) {
        auto proven = co_await operation.prove(call.caller, *input);
        if (!proven) co_return problem(proven.error(), call.request.request_id);
    }
    auto work = [&](store::Tx& tx) {
        Counting counting(call);
        return perform(tx, shop_, call, *input, key);
    };
    auto written = co_await store::write(shop_.database, work);
    if (!written) co_return problem(written.error(), call.request.request_id);
    Reply reply;
    reply.status = written->status;
    if (operation.dress && written->output) operation.dress(call.request, written->output, reply);
    if (!written->encoded) operation.encode(written->output, written->body);
    if (!written->body.empty()) reply.body = std::make_shared<const std::string>(std::move(written->body));
    if (written->replayed) reply.add_header("idempotent-replayed", "true");
    // What a guarded write answers is what reading it would: its tag serves the next If-Match.
    if (operation.current && reply.body) reply.tag();
    co_return reply;
}

boost::asio::awaitable<Reply> Exchange::run(Call& call) {
    const Operation& operation = *call.match.operation;
    auto input = operation.decode(call.request, call.match.parameters);
    if (!input) co_return problem(input.error(), call.request.request_id);
    const bool privileged = is_privileged(operation, call.caller);
    core::Result<std::string> before;
    if (privileged) before = co_await record_begin(call);
    if (!before) co_return problem(before.error(), call.request.request_id);
    auto output = co_await operation.run(call.caller, std::move(*input));
    if (!output) co_return problem(output.error(), call.request.request_id);
    if (privileged) co_await record_end(call, std::move(*before), audit_text(operation, *output));
    Reply reply;
    reply.status = operation.status;
    if (operation.dress) operation.dress(call.request, *output, reply);
    std::string body;
    operation.encode(*output, body);
    if (!body.empty()) reply.body = std::make_shared<const std::string>(std::move(body));
    co_return reply;
}

}  // namespace http
