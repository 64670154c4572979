// Places in PostgreSQL's event log that nodes can compare: the numbers of transactions. An SQLite database
// has one program, which needs none.
#pragma once

#include "store/database.hpp"

namespace store {

// What a moment of the log shows: whatever was committed by transactions below `ended_below`, as they had
// ended; nothing of those from `begun_below` on, as they hadn't begun; of those between what was committed
// already. Numbers of another `run` of the database can't be compared: behind a crash or on a promoted
// standby they may come again for other changes.
struct Shown {
    std::int64_t ended_below = 0;
    std::int64_t begun_below = 0;
    std::string run;
};
// Of a moment that was given in part, that which is being given. Throws std::logic_error if it isn't
// PostgreSQL's.
Shown shown_by(const Database::Moment& moment);

struct PlacedEvent {
    std::int64_t transaction_id = 0;
    std::string type;
    std::string subject;
};
BOOST_DESCRIBE_STRUCT(PlacedEvent, (), (transaction_id, type, subject))

// The end of the log as this transaction sees it, newest first.
std::vector<PlacedEvent> list_last_events(Tx& tx, int limit);

// Names this database among all that might be asked: another one has another name, and so has this one once
// its tables were made anew, as when a backup is brought back.
std::string name_of_database(Tx& tx);

}  // namespace store
