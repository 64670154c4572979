// How a write is answered: in one transaction with its guard, its audit entry and its Idempotency-Key; and
// how those are that take several.
#include "http/counting.hpp"
#include "http/exchange.hpp"
#include "http/problem.hpp"

#include "core/log.hpp"
#include "store/isolation.hpp"

namespace http {

// What a write leaves for its answer.
struct Written {
    store::Box output;  // encoded outside the transaction…
    std::string body;   // …unless the transaction had to store it
    unsigned status = 200;
    bool encoded = false;
    bool replayed = false;
};

namespace {

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

// What was answered under this key before; empty: nothing yet.
core::Result<std::optional<Written>> find_written(store::Tx& tx, const IdempotencyKey& key) {
    auto stored = find_answer(tx, key);
    if (!stored) return std::unexpected(std::move(stored.error()));
    if (!*stored) return std::nullopt;
    return Written{{}, std::move((*stored)->answer), static_cast<unsigned>((*stored)->status), true, true};
}

void encode(const Operation& operation, Written& written) {
    if (!written.encoded) operation.encode(written.output, written.body);
    written.encoded = true;
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
        auto before = find_written(tx, *key);
        if (!before) return std::unexpected(std::move(before.error()));
        if (*before) return std::move(**before);
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
        encode(operation, written);
        store_answer(tx, *key, written.status, written.body);
    }
    return written;
}

Reply reply_of(const Call& call, Written written) {
    const Operation& operation = *call.match.operation;
    Reply reply;
    reply.status = written.status;
    if (operation.dress && written.output) operation.dress(call.request, written.output, reply);
    encode(operation, written);
    if (!written.body.empty()) reply.body = std::make_shared<const std::string>(std::move(written.body));
    if (written.replayed) reply.add_header("idempotent-replayed", "true");
    // What a guarded write answers is what reading it would: its tag serves the next If-Match.
    if (operation.current && reply.body) reply.tag();
    return reply;
}

}  // namespace

// An upload is read whole for it, on the threads that have written it.
boost::asio::awaitable<core::Result<std::optional<IdempotencyKey>>> Exchange::key_of(
    const Call& call, const store::Box& input) const {
    const Operation& operation = *call.match.operation;
    if (operation.method != Method::post || !operation.replays) co_return std::nullopt;
    auto key = idempotency_key_of(call.request, call.caller, operation.cart_of(input));
    if (!key || !*key || !call.request.upload) co_return key;
    auto read = [&] { return fingerprint_of(*call.request.upload, call.request.header("content-type")); };
    auto content = co_await shop_.uploads.files->run(read);
    if (!content) co_return std::unexpected(std::move(content.error()));
    (*key)->request += *content;
    co_return key;
}

// What is answered already is neither prepared nor run again.
boost::asio::awaitable<core::Result<std::optional<Written>>> Exchange::find_before(
    const std::optional<IdempotencyKey>& key) const {
    if (!key) co_return std::nullopt;
    auto look = [&](store::Tx& tx) { return find_written(tx, *key); };
    auto before = co_await store::read(shop_.database, look);
    co_return before;
}

boost::asio::awaitable<Reply> Exchange::write(Call& call) {
    const Operation& operation = *call.match.operation;
    auto input = operation.decode(call.request, call.match.parameters);
    if (!input) co_return problem(input.error(), call.request.request_id);
    auto key = co_await key_of(call, *input);
    if (!key) co_return problem(key.error(), call.request.request_id);
    if (operation.prepare) {
        auto before = co_await find_before(*key);
        if (!before) co_return problem(before.error(), call.request.request_id);
        if (*before) co_return reply_of(call, std::move(**before));
        auto prepared = co_await operation.prepare(call.caller, *input);
        if (!prepared) co_return problem(prepared.error(), call.request.request_id);
    }
    auto work = [&](store::Tx& tx) {
        Counting counting(call);
        return perform(tx, shop_, call, *input, *key);
    };
    auto written = co_await store::write(shop_.database, work);
    if (!written) co_return problem(written.error(), call.request.request_id);
    co_return reply_of(call, std::move(*written));
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
    if (!recorded) {
        spdlog::error("http: the audit log has the beginning of {} {} and not its end request_id={}",
                      name_of(call.match.operation->method), call.match.operation->path,
                      call.request.request_id);
    }
}

// Of two that ran at once with one key, both are answered what the first has stored.
boost::asio::awaitable<core::Result<Written>> Exchange::keep_answer(const IdempotencyKey& key,
                                                                    Written written) const {
    auto work = [&](store::Tx& tx) -> core::Result<std::optional<Written>> {
        auto before = find_written(tx, key);
        if (before && !*before) store_answer(tx, key, written.status, written.body);
        return before;
    };
    auto before = co_await store::write(shop_.database, work);
    if (!before) co_return std::unexpected(std::move(before.error()));
    if (*before) co_return std::move(**before);
    co_return std::move(written);
}

boost::asio::awaitable<Reply> Exchange::run(Call& call) {
    const Operation& operation = *call.match.operation;
    auto input = operation.decode(call.request, call.match.parameters);
    if (!input) co_return problem(input.error(), call.request.request_id);
    auto key = co_await key_of(call, *input);
    if (!key) co_return problem(key.error(), call.request.request_id);
    auto before = co_await find_before(*key);
    if (!before) co_return problem(before.error(), call.request.request_id);
    if (*before) co_return reply_of(call, std::move(**before));

    const bool privileged = is_privileged(operation, call.caller);
    core::Result<std::string> subject;
    if (privileged) subject = co_await record_begin(call);
    if (!subject) co_return problem(subject.error(), call.request.request_id);
    auto output = co_await operation.run(call.caller, std::move(*input));
    if (!output) co_return problem(output.error(), call.request.request_id);
    if (privileged) co_await record_end(call, std::move(*subject), audit_text(operation, *output));
    Written written{std::move(*output), {}, operation.status, false, false};
    if (*key) {
        encode(operation, written);
        auto kept = co_await keep_answer(**key, std::move(written));
        if (!kept) co_return problem(kept.error(), call.request.request_id);
        written = std::move(*kept);
    }
    co_return reply_of(call, std::move(written));
}

}  // namespace http
