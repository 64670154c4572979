// "evt_…": an event's place in the log as clients see it. Sorts as the log does, and is the same on every
// node.
#pragma once

#include "core/text.hpp"
#include "store/database.hpp"

namespace webhooks {

class EventId {
public:
    static constexpr std::string_view prefix = "evt";

    EventId() = default;
    explicit EventId(store::Database::Position position) : position_(position) {}

    static core::Checked<EventId> from_text(std::string_view text);
    std::string text() const;

    store::Database::Position position() const { return position_; }

private:
    store::Database::Position position_;
};

}  // namespace webhooks
