#include "jobs/live_feed.hpp"

#include "core/log.hpp"
#include "core/or_throw.hpp"
#include "core/thread.hpp"
#include "jobs/bell.hpp"

#include <thread>

namespace jobs {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int page_events = 1000;
// Commits ring, those of other nodes too. Now and then it is looked for what rang in vain, and on SQLite for
// what the command line wrote beside us.
constexpr milliseconds look_for_other_nodes{250};
constexpr milliseconds look_for_other_programs{1000};
constexpr milliseconds retry_after{1000};
// Of one batch, while the database answers: then it isn't the database.
constexpr int failures_max = 3;

}  // namespace

struct LiveFeed::State {
    explicit State(store::Database& db) : database(db), bell(bell_of_commits(db)) {}

    store::Database& database;
    std::shared_ptr<Bell> bell;
    std::vector<Hear> hearers;
    std::optional<Watch> watch;
    store::Database::Moment heard;
    std::thread thread;

    bool tell(const Hear& hear, std::span<const store::Event> events);
    void tell_all(std::span<const store::Event> events);
    steady_clock::time_point step();
    void serve();
};

bool LiveFeed::State::tell(const Hear& hear, std::span<const store::Event> events) {
    try {
        hear(events);
        return true;
    } catch (const std::exception& failure) {
        spdlog::warn("jobs: live news could not be told: {}", core::quoted(failure.what()));
        return false;
    }
}

// Hearers read what news are about. Those who lose the database meanwhile hear them once it is back: nobody
// would ask for what is missing on a connection that stayed.
void LiveFeed::State::tell_all(std::span<const store::Event> events) {
    std::vector<const Hear*> waiting;
    for (const auto& hear : hearers)
        waiting.push_back(&hear);
    for (int failures = 0; !bell->is_stopped();) {
        std::erase_if(waiting, [&](const Hear* hear) { return tell(*hear, events); });
        if (waiting.empty()) return;
        if (database.reachable() && ++failures == failures_max) {
            spdlog::error("jobs: live news up to event {} were not told, clients don't know of them",
                          events.back().id);
            return;
        }
        bell->rest_until(steady_clock::now() + retry_after);
    }
}

// Tells when to look again at the latest.
steady_clock::time_point LiveFeed::State::step() {
    try {
        // A moment that is given in pages was taken behind the first begin.
        if (watch && !heard.until) watch->begin();
        auto news = core::or_throw(store::read_now(
            database, [&](store::Tx& tx) { return database.news_since(tx, heard, page_events); }));
        if (watch) watch->look(news.events, news.moment);
        if (!news.events.empty()) tell_all(news.events);
        heard = std::move(news.moment);
        if (watch && !heard.until) watch->end(heard);
        const auto now = steady_clock::now();
        if (news.events.size() == static_cast<std::size_t>(page_events)) return now;
        bool shared = database.engine() == "postgres";
        return now + (shared ? look_for_other_nodes : look_for_other_programs);
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

LiveFeed::LiveFeed(store::Database& database) : state_(std::make_unique<State>(database)) {}

LiveFeed::~LiveFeed() {
    stop();
}

void LiveFeed::add(Hear hear) {
    state_->hearers.push_back(std::move(hear));
}

void LiveFeed::watch(Watch watch) {
    state_->watch = std::move(watch);
}

void LiveFeed::start() {
    state_->heard = core::or_throw(
        store::read_now(state_->database, [this](store::Tx& tx) { return state_->database.this_moment(tx); }),
        "The event log can't be read");
    state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

void LiveFeed::stop() {
    state_->bell->stop();
    if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace jobs
