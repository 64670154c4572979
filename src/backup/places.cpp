#include "backup/places.hpp"

#include <algorithm>

namespace backup {
namespace {

std::pair<std::int64_t, std::int64_t> pair_of(const Position& position) {
    return {position.transaction, position.id};
}

}  // namespace

Places find_places(std::vector<Position> log, const std::vector<Position>& cursors,
                   std::int64_t last_number) {
    Places places;
    for (const Position& cursor : cursors)
        places.cursors[pair_of(cursor)] = 0;
    std::ranges::sort(log, {}, pair_of);
    places.last = last_number;
    for (const Position& position : log)
        places.last = std::max(places.last, position.id);
    std::int64_t highest = 0;  // of the ids up to here
    auto from = log.begin();
    const auto place_until = [&](auto until) {
        std::ranges::sort(from, until, {}, &Position::id);
        for (; from != until; ++from) {
            std::int64_t id = from->id;
            if (id <= highest) id = places.new_ids[from->id] = ++places.last;
            highest = id;
        }
    };
    for (auto& [cursor, place] : places.cursors) {
        place_until(std::ranges::upper_bound(from, log.end(), cursor, {}, pair_of));
        place = highest;
    }
    place_until(log.end());
    return places;
}

}  // namespace backup
