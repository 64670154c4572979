#include "store/tx.hpp"

namespace store {

void Tx::append_event(std::string type, std::string subject, std::string payload_json) {
    static constexpr Sql sql(
        "insert into events (type, subject, payload, created_at) values ($1, $2, $3, $4)");
    auto& event = events_.emplace_back(0, std::move(type), std::move(subject), std::move(payload_json), now_);
    run(sql, event.type, event.subject, event.payload, event.created_at);
}

}  // namespace store
