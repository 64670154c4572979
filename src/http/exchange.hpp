// One request to one answer, in the order a reader of the log would tell it: route, caller, permission, kept
// answer, input, transaction, encoding. Knows no sockets.
#pragma once

#include "http/address_rates.hpp"
#include "http/cors.hpp"
#include "http/gateway.hpp"
#include "http/idempotency.hpp"
#include "http/kept.hpp"
#include "http/limits.hpp"
#include "http/metrics.hpp"
#include "http/privileged.hpp"
#include "http/proxies.hpp"
#include "http/router.hpp"
#include "http/shared_answers.hpp"
#include "http/upload.hpp"

#include <atomic>

namespace http {

// What all I/O threads share; everything in it is either constant or thread-safe.
struct Shop {
    const Api& api;
    Router router;
    Limits limits;
    Cors cors;
    Metrics metrics;
    Changes& changes;
    store::Database& database;
    const core::Clock& clock;
    Authenticate authenticate;
    RecordWrite record_write;
    SharedAnswers* shared = nullptr;  // with other nodes; null: there is no place for them
    std::vector<Gateway> gateways;
    UploadPlace uploads;
    TrustedProxies proxies;
    AddressRates rates{limits.address_requests_max};
    std::atomic<std::size_t> in_flight{0};
    std::atomic<std::size_t> connections{0};
};

// A request on its way through. Lives in its session, reused from request to request.
struct Call {
    Request request;
    core::Caller caller;
    Router::Match match;
    std::string kept_key;
    std::uint64_t statements = 0;  // run for it so far; of endpoints that run() themselves, only the audit's
};

struct Written;

class Exchange {
public:
    Exchange(Shop& shop, Kept& kept) : shop_(shop), kept_(kept) {}

    // The answer, if it can be given without waiting: refusals, kept answers, reads of a database that reads
    // in place. Otherwise null, and answer() must be awaited. Valid until the next call on this thread.
    Reply* answer_now(Call& call);
    boost::asio::awaitable<Reply> answer(Call& call);
    // How many bytes the endpoint of this head takes as an upload; 0 if it takes none. Errors: the caller may
    // not call it.
    core::Result<std::uint64_t> upload_max(Call& call, const Request& head);

private:
    Reply* give(Reply reply);
    Reply* give(const core::Error& error, const Call& call);
    core::Result<void> count_request(const Call& call) const;
    std::optional<Reply> refuse_method(const Call& call) const;
    core::Result<void> identify(Call& call) const;
    Reply* read_in_place(Call& call);
    Reply encode_read(const Call& call, const store::Box& output);
    Reply* find_kept(const Call& call);
    void keep(const Call& call, const store::Box& output, const Reply& reply, Changes::Stamp seen,
              core::Time share_at);
    boost::asio::awaitable<std::optional<Reply>> take_shared(const Call& call);
    boost::asio::awaitable<Reply> read(Call& call);
    boost::asio::awaitable<Reply> write(Call& call);
    boost::asio::awaitable<Reply> run(Call& call);
    boost::asio::awaitable<Reply> dispatch(Call& call);
    boost::asio::awaitable<core::Result<std::optional<IdempotencyKey>>> key_of(const Call& call,
                                                                               const store::Box& input) const;
    boost::asio::awaitable<core::Result<std::optional<Written>>> find_before(
        const std::optional<IdempotencyKey>& key) const;
    boost::asio::awaitable<core::Result<Written>> keep_answer(const IdempotencyKey& key,
                                                              Written written) const;
    boost::asio::awaitable<core::Result<std::string>> record_begin(const Call& call);
    boost::asio::awaitable<void> record_end(const Call& call, std::string before, std::string after);

    Shop& shop_;
    Kept& kept_;
    Reply given_;
};

}  // namespace http
