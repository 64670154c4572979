#include "jobs/live_feed.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"
#include "jobs/bell.hpp"

#include <thread>

namespace jobs {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int page_events = 1000;
constexpr std::size_t batch_events_max = 100'000;  // a bound for memory: some 30 MB
// Commits of this program ring. Those of other nodes are looked for, often enough for people who talk; on
// SQLite only the command line writes beside us.
constexpr milliseconds look_for_other_nodes{100};
constexpr milliseconds look_for_other_programs{1000};
constexpr milliseconds held_back_for{2};
constexpr milliseconds retry_after{1000};

}  // namespace

struct LiveFeed::State {
    explicit State(store::Database& db) : database(db) {}

    store::Database& database;
    std::shared_ptr<Bell> bell = std::make_shared<Bell>();
    std::vector<Hear> hearers;
    store::Database::Position heard;
    std::thread thread;

    struct Batch {
        std::vector<store::Event> events;
        store::Database::Position last;
        bool held_back = false;
    };
    Batch read();
    void tell(std::span<const store::Event> events);
    steady_clock::time_point step();
    void serve();
};

// Everything that one snapshot shows, in the order of ids. On PostgreSQL the log goes by transactions
// instead: of two that wrote about one thing one after the other, the second may be the one that began first,
// and be shown while the first is still held back. Nothing is told before an event with a lower id that is
// committed.
LiveFeed::State::Batch LiveFeed::State::read() {
    auto batch = store::read_now(database, [&](store::Tx& tx) {
        std::vector<store::Database::LoggedEvent> logged;
        auto last = [&] { return logged.empty() ? heard : logged.back().position; };
        std::size_t page = page_events;
        while (page == page_events && logged.size() < batch_events_max) {
            auto more = database.events_after(tx, last(), page_events);
            page = more.size();
            std::ranges::move(more, std::back_inserter(logged));
        }
        const bool held_back = database.events_held_back(tx, last());
        if (held_back) {
            static constexpr store::Sql sql_first(
                "select min(id) from events where (transaction_id, id) > ($1, $2)");
            const auto first = tx.get<std::int64_t>(sql_first, last().transaction, last().id);
            auto later = [&](const auto& one) { return one.event.id > first; };
            logged.erase(std::ranges::find_if(logged, later), logged.end());
        }
        Batch seen{{}, last(), held_back};
        for (auto& one : logged)
            seen.events.push_back(std::move(one.event));
        std::ranges::sort(seen.events, {}, &store::Event::id);
        return seen;
    });
    if (!batch) throw std::runtime_error(batch.error().detail);
    return std::move(*batch);
}

void LiveFeed::State::tell(std::span<const store::Event> events) {
    for (const auto& hear : hearers) {
        try {
            hear(events);
        } catch (const std::exception& failure) {
            spdlog::error("jobs: live news were not told: {}", core::quoted(failure.what()));
        }
    }
}

// Tells when to look again at the latest.
steady_clock::time_point LiveFeed::State::step() {
    try {
        auto batch = read();
        if (!batch.events.empty()) tell(batch.events);
        heard = batch.last;
        if (batch.held_back) return steady_clock::now() + held_back_for;
        bool shared = database.engine() == "postgres";
        return steady_clock::now() + (shared ? look_for_other_nodes : look_for_other_programs);
    } catch (const std::exception& failure) {
        spdlog::warn("jobs: the event log can't be read, live news wait: {}", core::quoted(failure.what()));
        return steady_clock::now() + retry_after;
    }
}

void LiveFeed::State::serve() {
    core::name_thread("live-feed");
    while (!bell->is_stopped())
        bell->wait_until(step());
}

LiveFeed::LiveFeed(store::Database& database) : state_(std::make_unique<State>(database)) {
    database.on_commit([bell = state_->bell](std::span<const store::Event>) { bell->ring(); });
}

LiveFeed::~LiveFeed() {
    stop();
}

void LiveFeed::add(Hear hear) {
    state_->hearers.push_back(std::move(hear));
}

void LiveFeed::start() {
    auto end =
        store::read_now(state_->database, [this](store::Tx& tx) { return state_->database.last_event(tx); });
    if (!end) throw std::runtime_error("The event log can't be read: " + end.error().detail);
    state_->heard = *end;
    state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

void LiveFeed::stop() {
    state_->bell->stop();
    if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace jobs
