#include "chat/pace.hpp"

namespace chat {
namespace {

// What stands further ahead than anybody can come was written under a clock that was wrong, and holds nobody
// up; the clocks of nodes differ by less than this.
constexpr std::chrono::minutes clocks_differ{1};

}  // namespace

core::Result<void> keep_pace(store::Tx& tx, core::UserId user, const Pace& pace) {
    auto every_ms = pace.every.count();
    // Where it would be with everything allowed used up, less one.
    core::Time latest{tx.now().ms + every_ms * (pace.burst - 1)};
    core::Time impossible = latest + pace.every + clocks_differ;
    bool within =
        tx.count_changed(
            "insert into chat_pace (user_id, deed, arrival_at) values ($1, $2, cast($3 as bigint) + $4)"
            " on conflict (user_id, deed) do update set arrival_at ="
            " case when chat_pace.arrival_at between $3 and $5 then chat_pace.arrival_at else $3 end + $4"
            " where chat_pace.arrival_at <= $5 or chat_pace.arrival_at > $6",
            user, pace.deed, tx.now(), every_ms, latest, impossible) > 0;
    if (within) return {};
    auto arrival = tx.get<core::Time>("select arrival_at from chat_pace where user_id = $1 and deed = $2",
                                      user, pace.deed);
    auto wait_s = std::chrono::ceil<std::chrono::seconds>(arrival - latest).count();
    return core::fail(core::ErrorCode::rate_limited,
                      "That is more than anybody types. Try again in " + std::to_string(wait_s) + " s.",
                      {{"limit", pace.deed}, {"retry_after_seconds", wait_s}});
}

}  // namespace chat
