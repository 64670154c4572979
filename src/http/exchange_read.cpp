// How a read is answered: from this thread's memory, from what another node has put where all can take it, or
// from the database.
#include "http/counting.hpp"
#include "http/exchange.hpp"
#include "http/problem.hpp"

namespace http {
namespace {

// A page brings its own style and nothing else.
constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

// Others have an answer when it is asked for again, which spares them what is asked for once; and not before
// they all have heard of what it shows (jobs::LiveFeed looks four times a second), as they would refuse it.
constexpr seconds share_first{1};
// It is put again, with a younger stamp, twice before it would be forgotten there.
constexpr seconds share_again{shared_for / 3};
// Somebody's transaction that is open ends; a carrier that was away comes back.
constexpr milliseconds share_later{500};

// Whether nodes would make the same bytes: what anybody may see, and the database alone decides. Where a read
// may take long it goes to this node's own search index, which may be behind another one's.
bool is_shareable(const Call& call, const store::Box& input) {
    const Operation& operation = *call.match.operation;
    return operation.depends_on && !call.caller.may(core::Permission::catalog_write) &&
           !(operation.takes_long && operation.takes_long(input));
}

Reply reply_of(const Call& call, std::string body) {
    const Operation& operation = *call.match.operation;
    Reply reply = Reply::json(operation.status, std::move(body));
    if (operation.is_html) {
        reply.content_type = "text/html; charset=utf-8";
        reply.content_security_policy = page_policy;
    }
    if (operation.has_entity_tag || operation.depends_on) reply.tag();
    // What isn't the public catalogue is somebody's own: no cache between may have it.
    if (!operation.depends_on && !reply.etag.empty()) reply.cache_control = "private, no-cache";
    return reply;
}

}  // namespace

Reply* Exchange::find_kept(const Call& call) {
    // What is still valid behind this shows whatever the log has up to here.
    const Place stamp = shop_.shared ? shop_.shared->stamp() : 0;
    Kept::Answer* kept = kept_.find(call.kept_key);
    if (!kept) return nullptr;
    shop_.metrics.kept_hits().Increment();
    const core::Time now = call.request.arrived;
    if (shop_.shared && now >= kept->share_at) {
        const bool put = shop_.shared->put(call.kept_key, kept->subject, *kept->reply.body, stamp);
        kept->share_at = now + (put ? milliseconds(share_again) : share_later);
    }
    return &kept->reply;
}

Reply Exchange::encode_read(const Call& call, const store::Box& output) {
    std::string body;
    call.match.operation->encode(output, body);
    return reply_of(call, std::move(body));
}

void Exchange::keep(const Call& call, const store::Box& output, const Reply& reply, Changes::Stamp seen,
                    core::Time share_at) {
    const auto& depends_on = call.match.operation->depends_on;
    if (depends_on) kept_.keep(call.kept_key, {reply, depends_on(output), share_at}, seen);
}

boost::asio::awaitable<std::optional<Reply>> Exchange::take_shared(const Call& call) {
    auto entry = co_await shop_.shared->find(call.kept_key);
    if (!entry) co_return std::nullopt;
    const auto seen = shop_.changes.latest();
    if (!shop_.shared->is_current(*entry)) co_return std::nullopt;
    Reply reply = reply_of(call, std::move(entry->body));
    kept_.keep(call.kept_key, {reply, std::move(entry->subject), call.request.arrived + share_again}, seen);
    co_return reply;
}

boost::asio::awaitable<Reply> Exchange::read(Call& call) {
    const Operation& operation = *call.match.operation;
    auto input = operation.decode(call.request, call.match.parameters);
    if (!input) co_return problem(input.error(), call.request.request_id);
    const bool shareable = shop_.shared && is_shareable(call, *input);
    if (shareable) {
        auto taken = co_await take_shared(call);
        if (taken) co_return std::move(*taken);
    }
    auto seen = shop_.changes.latest();
    auto work = [&](store::Tx& tx) {
        Counting counting(call);
        return operation.apply(tx, call.caller, *input);
    };
    core::Result<store::Box> output;
    if (operation.pool && shop_.database.reads_in_place()) {
        auto ran = co_await operation.pool->run([&] { return shop_.database.read_now(work); });
        if (!ran) co_return problem(ran.error(), call.request.request_id);
        output = std::move(*ran);
    } else {
        output = co_await shop_.database.read(work);
    }
    if (!output) co_return problem(output.error(), call.request.request_id);
    Reply reply = encode_read(call, *output);
    keep(call, *output, reply, seen, shareable ? call.request.arrived + share_first : Kept::never);
    co_return reply;
}

}  // namespace http
