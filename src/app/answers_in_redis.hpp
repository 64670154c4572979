// Lets the nodes of a shop take ready answers from each other (http/shared_answers.hpp): Redis carries them,
// the event log says what they show.
#pragma once

#include "app/config.hpp"

#include "http/metrics.hpp"
#include "http/shared_answers.hpp"
#include "jobs/live_feed.hpp"
#include "redis/cache.hpp"

namespace app {

class AnswersInRedis {
public:
    // Null where there is nobody to share with, or nowhere: on SQLite, without Redis, or if the limit is 0.
    static std::unique_ptr<AnswersInRedis> of(const Config& config, store::Database& database);
    AnswersInRedis(const Config& config, store::Database& database);

    http::SharedAnswers& answers() { return answers_; }

    // Commits of this node, before anything else is told of them.
    void hear_own(std::span<const store::Event> events);
    // How it follows the event log.
    jobs::LiveFeed::Watch watch();

    void add_figures(http::Metrics& metrics);

    void start();  // behind the live feed, before the server
    void stop();   // behind the server

private:
    void look(std::span<const store::Event> events, const store::Database::Moment& moment);

    store::Database& database_;
    redis::Cache cache_;
    http::SharedAnswers answers_;
    std::optional<std::string> run_;  // the feed's: of the database, since it listens
};

}  // namespace app
