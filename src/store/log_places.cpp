#include "store/log_places.hpp"

#include <charconv>

namespace store {

// "xmin:xmax:" and the transactions between them that still ran, a space, and the run.
Shown shown_by(const Database::Moment& moment) {
    const std::string_view text = (moment.until ? *moment.until : moment.seen).snapshot;
    const char* end = text.data() + text.size();
    Shown shown;
    auto first = std::from_chars(text.data(), end, shown.ended_below);
    bool is_snapshot = first.ec == std::errc{} && first.ptr != end && *first.ptr == ':';
    if (is_snapshot) {
        auto second = std::from_chars(first.ptr + 1, end, shown.begun_below);
        is_snapshot = second.ec == std::errc{} && second.ptr != end && *second.ptr == ':';
    }
    const std::size_t space = text.find(' ');
    if (!is_snapshot || space == text.npos)
        throw std::logic_error("a moment of the event log is no snapshot of PostgreSQL's");
    shown.run = text.substr(space + 1);
    return shown;
}

std::vector<PlacedEvent> list_last_events(Tx& tx, int limit) {
    static constexpr Sql sql(
        "select transaction_id, type, subject from events order by transaction_id desc, id desc limit $1");
    return tx.list<PlacedEvent>(sql, limit);
}

// The folder of the database and the file of the table. Servers are told apart by the run.
std::string name_of_database(Tx& tx) {
    static constexpr Sql sql("select pg_relation_filepath('events')");
    return tx.get<std::string>(sql);
}

}  // namespace store
