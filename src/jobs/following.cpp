#include "jobs/following.hpp"

#include "core/or_throw.hpp"

namespace jobs {
namespace {

using store::Sql;
using store::Tx;

constexpr int page_events = 100;

constexpr Sql sql_find("select transaction_id, event_id from followers where name = $1");
constexpr Sql sql_start(
    "insert into followers (name, transaction_id, event_id) values ($1, 0, 0) on conflict (name) do nothing");
// A cursor that another program is moving is passed over: who waited for it would find it moved.
constexpr Sql sql_move(
    "update followers set transaction_id = $2, event_id = $3 where name = (select f.name from followers as f "
    "where f.name = $1 and f.transaction_id = $4 and f.event_id = $5 for update skip locked)");

struct CursorRow {
    std::int64_t transaction_id = 0;
    std::int64_t event_id = 0;
};
BOOST_DESCRIBE_STRUCT(CursorRow, (), (transaction_id, event_id))

}  // namespace

Following::Following(store::Database& database, Follower follower)
    : database_(database), follower_(std::move(follower)) {}

bool Following::wants(const store::Event& event) const {
    return follower_.types.empty() || std::ranges::count(follower_.types, event.type) > 0;
}

Following::Position Following::load() {
    auto find = [&](Tx& tx) { return tx.find<CursorRow>(sql_find, follower_.name); };
    auto row = core::or_throw(store::read_now(database_, find));
    if (!row) {
        row = core::or_throw(store::write_now(database_, [&](Tx& tx) {
            tx.run(sql_start, follower_.name);
            return tx.get<CursorRow>(sql_find, follower_.name);
        }));
    }
    return {row->transaction_id, row->event_id};
}

Following::Outcome Following::step() {
    if (!stored_) {
        stored_ = seen_ = load();
        skipped_ = 0;
    }
    bool held_back = false;
    auto page = core::or_throw(store::read_now(database_, [&](Tx& tx) {
        auto events = database_.events_after(tx, seen_, page_events);
        held_back = events.empty() && database_.lowest_id_after(tx, seen_).has_value();
        return events;
    }));
    if (page.empty()) return held_back ? Outcome::held_back : Outcome::idle;

    std::vector<const LoggedEvent*> wanted;
    Position to = seen_;
    std::size_t wanted_max = one_by_one_ > 0 ? 1 : page_events;
    for (auto& logged : page) {
        to = logged.position;
        ++skipped_;
        if (wants(logged.event)) wanted.push_back(&logged);
        if (wanted.size() == wanted_max) break;
    }
    if (wanted.empty() && skipped_ < skipped_max) {
        seen_ = to;
        return Outcome::moved;
    }
    try {
        if (!apply(wanted, to)) {
            stored_.reset();
            return Outcome::overtaken;
        }
        stored_ = seen_ = to;
        skipped_ = 0;
        one_by_one_ = std::max(0, one_by_one_ - static_cast<int>(wanted.size()));
    } catch (...) {
        // Those before the one that fails get through alone. The outcome may be unknown: look at the row
        // again.
        one_by_one_ = page_events;
        stored_.reset();
        throw;
    }
    return Outcome::moved;
}

// False if the cursor is not where it was left: another program has applied these events, or is at it.
bool Following::apply(std::span<const LoggedEvent* const> wanted, Position to) {
    return core::or_throw(store::write_now(database_, [&](Tx& tx) {
        auto moved = tx.count_changed(sql_move, follower_.name, to.transaction, to.id, stored_->transaction,
                                      stored_->id);
        if (moved != 1) return false;
        for (auto* logged : wanted)
            follower_.apply(tx, logged->event);
        return true;
    }));
}

}  // namespace jobs
