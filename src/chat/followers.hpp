// What the people of a conversation are told when something happened in it.
#pragma once

#include "jobs/live_feed.hpp"
#include "realtime/hub.hpp"

namespace chat {

// message:new, message:updated and message:read to everybody who takes part or has joined; conversation:new
// and conversation:updated to agents and to those who take part. Nothing is told before it is durable.
jobs::LiveFeed::Hear live_news(realtime::Hub& hub, store::Database& database);

}  // namespace chat
