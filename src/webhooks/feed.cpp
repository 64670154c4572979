#include "webhooks/webhooks.hpp"

#include <boost/json/parse.hpp>

namespace webhooks {

ToldEvent tell(const store::Database::LoggedEvent& logged) {
    const auto& event = logged.event;
    auto data = boost::json::parse(event.payload);
    return {EventId(logged.position), event.type, event.created_at, event.subject,
            std::move(data.as_object())};
}

core::Result<Feed> Webhooks::read_feed(store::Tx& tx, const FeedQuery& query) const {
    auto limit = query.limit ? query.limit->value : core::page_limit_default;
    auto after = query.after ? query.after->position() : store::Database::Position{};
    Feed feed{.next = query.after};
    auto events = database_.events_after(tx, after, static_cast<int>(limit) + 1);
    feed.has_more = events.size() > static_cast<std::size_t>(limit);
    if (feed.has_more) events.pop_back();
    for (const auto& logged : events) {
        feed.next = EventId(logged.position);
        if (is_told(logged.event.type) && (!query.type || query.type->matches(logged.event.type)))
            feed.data.push_back(tell(logged));
    }
    return feed;
}

}  // namespace webhooks
