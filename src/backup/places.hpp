// Places in the event log over a move from PostgreSQL to SQLite. There the log's order is by transaction and
// id, and here by id alone, so events that somebody has still to follow may need new ids to stay behind those
// that he has followed. Only for this folder's own .cpp files.
#pragma once

#include "store/database.hpp"

#include <map>
#include <unordered_map>
#include <vector>

namespace backup {

using Position = store::Database::Position;

struct Places {
    std::unordered_map<std::int64_t, std::int64_t> new_ids;  // of events that don't keep theirs
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> cursors;  // where each cursor stands then
    std::int64_t last = 0;                                                  // the highest id

    std::int64_t id_of(std::int64_t id) const {
        auto found = new_ids.find(id);
        return found == new_ids.end() ? id : found->second;
    }
};

// `log`: the place of every event, in any order. `cursors`: how far each follower has come. `last_number`:
// the last id that was ever given out. Afterwards exactly those events have higher ids than a cursor's that
// were behind it before; of two that no cursor stands between, the one with the lower id keeps the lower one.
Places find_places(std::vector<Position> log, const std::vector<Position>& cursors, std::int64_t last_number);

}  // namespace backup
