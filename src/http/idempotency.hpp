// Idempotency-Key: the answer of a POST is stored in the transaction of its effect, so a client that lost the
// answer asks again and gets the same one, also after a crash. Only successes are stored: a refusal had no
// effect.
#pragma once

#include "http/message.hpp"
#include "http/upload.hpp"

#include "core/caller.hpp"
#include "store/tx.hpp"

namespace http {

inline constexpr std::chrono::hours idempotency_lifetime{24};
inline constexpr std::size_t idempotency_key_length_max = 255;

struct IdempotencyKey {
    std::string owner;    // who the key belongs to: "usr_…", or for guests the cart "crt_…"
    std::string key;      // as the client sent it
    std::string request;  // fingerprint of method, target and body, and behind it that of an upload
};

struct StoredAnswer {
    std::string request;
    std::int64_t status = 0;
    std::string answer;
};
BOOST_DESCRIBE_STRUCT(StoredAnswer, (), (request, status, answer))

// The key of this request, if it has one that counts. An error if the header is malformed. `cart` is the cart
// that the request is about, if any: guests' keys belong to it.
core::Result<std::optional<IdempotencyKey>> idempotency_key_of(const Request& request,
                                                               const core::Caller& caller,
                                                               std::string_view cart);

// What an upload says. A form's is that of its parts, whatever boundary stands between them: who sends it
// again makes another one.
std::string fingerprint_of(const Upload& upload, std::string_view content_type);

// The stored answer; empty: there is none yet. 409 idempotency_key_reused if it belongs to another request.
core::Result<std::optional<StoredAnswer>> find_answer(store::Tx& tx, const IdempotencyKey& key);

// Throws store::RunAgain if a parallel transaction stored the same key first: the next run finds its answer.
void store_answer(store::Tx& tx, const IdempotencyKey& key, unsigned status, std::string_view answer);

// Removes some of the keys older than their lifetime; true if there may be more. A schedule's work.
bool forget_old_keys(store::Tx& tx);

}  // namespace http
