#include "jobs/lag.hpp"

#include "jobs/following.hpp"

namespace jobs {
namespace {

struct CursorRow {
    std::string name;
    std::int64_t transaction_id = 0;
    std::int64_t event_id = 0;
};
BOOST_DESCRIBE_STRUCT(CursorRow, (), (name, transaction_id, event_id))

}  // namespace

std::vector<Lag> list_lags(store::Database& database, store::Tx& tx) {
    std::vector<Lag> lags;
    for (CursorRow& row :
         tx.list<CursorRow>("select name, transaction_id, event_id from followers order by name")) {
        auto waiting = database.events_after(tx, {row.transaction_id, row.event_id}, skipped_max + 1);
        bool is_behind = waiting.size() > skipped_max;
        lags.push_back({std::move(row.name), is_behind ? tx.now() - waiting.front().event.created_at
                                                       : std::chrono::milliseconds(0)});
    }
    return lags;
}

std::chrono::milliseconds newest_event_age(store::Tx& tx) {
    auto newest = tx.find<core::Time>("select created_at from events order by id desc limit 1");
    return newest ? tx.now() - *newest : std::chrono::milliseconds(0);
}

}  // namespace jobs
