#include "http/idempotency.hpp"

#include "http/form.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <algorithm>

namespace http {
namespace {

constexpr std::int64_t forget_batch = 500;
constexpr std::size_t block_bytes = 256 * 1024;  // of an upload in memory

// Of some bytes of an upload: the fingerprint of those of its blocks.
std::string fingerprint_of_bytes(const Upload& upload, std::uint64_t offset, std::uint64_t size) {
    std::string blocks;
    std::string block(block_bytes, '\0');
    for (const std::uint64_t end = offset + size; offset < end;) {
        const std::size_t read =
            upload.read(offset, {block.data(), std::min<std::uint64_t>(block.size(), end - offset)});
        if (read == 0) break;
        blocks += core::to_base64url(core::fingerprint({block.data(), read}));
        offset += read;
    }
    return core::to_base64url(core::fingerprint(blocks));
}

}  // namespace

core::Result<std::optional<IdempotencyKey>> idempotency_key_of(const Request& request,
                                                               const core::Caller& caller,
                                                               std::string_view cart) {
    std::string_view key = request.header("idempotency-key");
    bool known = caller.user || caller.api_key;
    if (key.empty() || (!known && cart.empty())) return std::nullopt;
    bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!visible || key.size() > idempotency_key_length_max) {
        return core::fail(core::ErrorCode::invalid_parameter,
                          "Idempotency-Key must be 1 to 255 visible ASCII characters.");
    }
    std::string content;
    content.append(request.method_name).append(" ").append(request.target).append("\n").append(request.body);
    return IdempotencyKey{known ? caller.actor() : std::string(cart), std::string(key),
                          core::to_base64url(core::fingerprint(content))};
}

std::string fingerprint_of(const Upload& upload, std::string_view content_type) {
    const auto parts = read_form(upload, content_type);
    if (!parts) return fingerprint_of_bytes(upload, 0, upload.size());
    std::string content;
    for (const FormPart& part : *parts)
        content += fingerprint_of_bytes(upload, part.offset, part.size) + " " + part.name + "\n";
    return core::to_base64url(core::fingerprint(content));
}

core::Result<std::optional<StoredAnswer>> find_answer(store::Tx& tx, const IdempotencyKey& key) {
    auto stored = tx.find<StoredAnswer>(
        "select request, status, answer from idempotency_keys where owner = $1 and key = $2 and created_at > "
        "$3",
        key.owner, key.key, tx.now() - idempotency_lifetime);
    if (stored && stored->request != key.request) {
        return core::fail(core::ErrorCode::idempotency_key_reused,
                          "This Idempotency-Key was used for another request. Take a new one.");
    }
    return stored;
}

void store_answer(store::Tx& tx, const IdempotencyKey& key, unsigned status, std::string_view answer) {
    auto stored = tx.count_changed(
        "insert into idempotency_keys (owner, key, request, status, answer, created_at) "
        "values ($1, $2, $3, $4, $5, $6) on conflict (owner, key) do update set request = excluded.request, "
        "status = excluded.status, answer = excluded.answer, created_at = excluded.created_at "
        "where idempotency_keys.created_at <= $7",
        key.owner, key.key, key.request, status, answer, tx.now(), tx.now() - idempotency_lifetime);
    if (stored == 0) throw store::RunAgain();
}

bool forget_old_keys(store::Tx& tx) {
    auto removed = tx.count_changed(
        "delete from idempotency_keys where (owner, key) in "
        "(select owner, key from idempotency_keys where created_at <= $1 limit $2)",
        tx.now() - idempotency_lifetime, forget_batch);
    return removed == forget_batch;
}

}  // namespace http
