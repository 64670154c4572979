// Which events an endpoint or a reader of the feed wants: "order.placed", "order.*" or "*".
#pragma once

#include "core/text.hpp"

namespace webhooks {

class EventPattern {
public:
    static core::Checked<EventPattern> from_text(std::string_view text);
    std::string_view text() const { return text_; }
    static boost::json::object schema() {
        return {{"type", "string"},
                {"pattern", "^(\\*|[a-z_]+\\.(\\*|[a-z_]+))$"},
                {"maxLength", length_max},
                {"description", "an event's type, order.* for all of a kind, or * for all"}};
    }

    bool matches(std::string_view event_type) const;

private:
    static constexpr std::size_t length_max = 60;
    std::string text_;
};

// True for what the outside may hear of. Kinds are added here on purpose: the log also holds what is only the
// program's own business.
bool is_told(std::string_view event_type);

}  // namespace webhooks
