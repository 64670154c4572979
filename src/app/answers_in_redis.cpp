#include "app/answers_in_redis.hpp"

#include "app/build_id.hpp"
#include "app/secret.hpp"
#include "app/touched.hpp"

#include "auth/sealing.hpp"
#include "core/log.hpp"
#include "core/or_throw.hpp"
#include "store/log_places.hpp"

namespace app {
namespace {

// What a node that starts reads of the log, so that it can judge answers older than itself: at a hundred
// events a second all that are still there.
constexpr int events_at_start = 100'000;

http::AnswerCarrier carried_by(redis::Cache& cache, const std::string& prefix) {
    using Outcome = http::AnswerCarrier::Outcome;
    auto outcome_of = [](redis::Cache::Outcome outcome) {
        if (outcome == redis::Cache::Outcome::found) return Outcome::found;
        return outcome == redis::Cache::Outcome::late ? Outcome::late : Outcome::missing;
    };
    const std::string keys = prefix + "-kept#";
    return {
        .is_up = [&cache] { return cache.is_up(); },
        .take =
            [&cache, keys, outcome_of](const std::string& name, http::AnswerCarrier::Took took) {
                cache.get(keys + name, [took = std::move(took), outcome_of](auto outcome, std::string bytes) {
                    took(outcome_of(outcome), std::move(bytes));
                });
            },
        .put = [&cache, keys](
                   const std::string& name,
                   std::string bytes) { return cache.put(keys + name, std::move(bytes), http::shared_for); }};
}

http::SharingKey sharing_key(const Config& config) {
    return auth::derive_key(load_secret(config.secret, config.data), "shared answers", build_id());
}

}  // namespace

std::unique_ptr<AnswersInRedis> AnswersInRedis::of(const Config& config, store::Database& database) {
    if (!config.nodes.redis || database.engine() != "postgres" || config.shared_bytes_max == 0)
        return nullptr;
    return std::make_unique<AnswersInRedis>(config, database);
}

AnswersInRedis::AnswersInRedis(const Config& config, store::Database& database)
    : database_(database),
      cache_(*config.nodes.redis),
      answers_(sharing_key(config), carried_by(cache_, config.nodes.prefix), config.shared_bytes_max) {}

void AnswersInRedis::hear_own(std::span<const store::Event> events) {
    for (const store::Event& event : events)
        announce_to(answers_.places().own(), event.type, event.subject);
}

jobs::LiveFeed::Watch AnswersInRedis::watch() {
    return {.begin = [this] { answers_.places().begin_look(); },
            .look = [this](std::span<const store::Event> events,
                           const store::Database::Moment& moment) { look(events, moment); },
            .end =
                [this](const store::Database::Moment& moment) {
                    answers_.places().end_look(store::shown_by(moment).ended_below);
                }};
}

void AnswersInRedis::look(std::span<const store::Event> events, const store::Database::Moment& moment) {
    const store::Shown shown = store::shown_by(moment);
    if (!run_) run_ = shown.run;
    if (run_ != shown.run) {
        spdlog::warn(
            "nodes: the database has crashed, or another server has taken its place: until this node is "
            "started "
            "again it shares no answers with others");
        answers_.places().end();
        run_ = shown.run;
    }
    auto logged = answers_.places().logged(shown.begun_below);
    for (const store::Event& event : events)
        announce_to(logged, event.type, event.subject);
}

void AnswersInRedis::add_figures(http::Metrics& metrics) {
    const auto& counts = answers_.counts();
    auto add = [&](const char* outcome, const std::atomic<std::uint64_t>& count) {
        metrics.add_counter("kontor_shared_answers_total",
                            "Answers looked for in Redis, where nodes put them.",
                            [&count] { return static_cast<double>(count.load()); }, {{"outcome", outcome}});
    };
    add("taken", counts.taken);
    add("missing", counts.missing);
    add("stale", counts.stale);
    add("broken", counts.broken);
    add("late", counts.late);
    metrics.add_counter("kontor_shared_answers_put_total", "Answers put into Redis for other nodes.",
                        [&counts] { return static_cast<double>(counts.put.load()); });
}

// What commits meanwhile is heard by the live feed, which has begun before.
void AnswersInRedis::start() {
    struct Known {
        std::string history;  // what places mean
        std::vector<store::PlacedEvent> events;
    };
    try {
        const auto known = core::or_throw(store::read_now(database_, [this](store::Tx& tx) {
            return Known{store::name_of_database(tx) + " " + store::shown_by(database_.this_moment(tx)).run,
                         store::list_last_events(tx, events_at_start)};
        }));
        for (const store::PlacedEvent& event : known.events) {
            auto logged = answers_.places().logged(event.transaction_id + 1);
            announce_to(logged, event.type, event.subject);
        }
        // The oldest transaction may have more events than were read.
        answers_.begin(known.history, known.events.empty() ? 0 : known.events.back().transaction_id + 1);
    } catch (const std::exception& failed) {
        spdlog::warn("nodes: this one takes no answers from others, nor gives them any: {}",
                     core::quoted(failed.what()));
        return;
    }
    cache_.start();
}

void AnswersInRedis::stop() {
    cache_.stop();
}

}  // namespace app
