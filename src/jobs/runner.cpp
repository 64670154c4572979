#include "jobs/runner.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"
#include "jobs/bell.hpp"
#include "jobs/following.hpp"

#include <thread>

namespace jobs {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Catches what no ring tells of: commits of other programs. Where those are nodes they run the same
// followers, and to wake all of them for each commit would have them race for one cursor; but one may have
// died, and a command runs none.
constexpr milliseconds poll_every{1000};
constexpr milliseconds held_back_for{5};
// Whoever overtook a follower goes on with it: to race for each page would keep all nodes reading the same.
constexpr milliseconds overtaken_for{200};
// How long a schedule with much to do goes on before followers have a turn: one transaction a round would let
// a backlog of thousands, as a crash under load leaves it, stand for minutes.
constexpr milliseconds schedule_turn{100};
// Customers go first: while so many works wait for the database or run in it, a round with more to do is
// followed by a rest that is so many times as long.
constexpr std::size_t busy_works = 16;
constexpr int rest_times = 3;
constexpr milliseconds rest_max{250};
constexpr milliseconds retry_first{100};
constexpr milliseconds retry_last{30'000};

struct AtWork {
    Following following;
    steady_clock::time_point retry_at{};
    milliseconds retry_after = retry_first;
};

struct Scheduled {
    Schedule schedule;
    steady_clock::time_point due{};
};

bool run_schedule(store::Database& database, Schedule& schedule) {
    auto more = store::write_now(database, [&](store::Tx& tx) { return schedule.run(tx); });
    if (!more)
        throw std::runtime_error(std::string(core::name_of(more.error().code)) + ": " + more.error().detail);
    return *more;
}

}  // namespace

struct Runner::State {
    explicit State(store::Database& db) : database(db), bell(bell_of_own_commits(db)) {}

    store::Database& database;
    std::shared_ptr<Bell> bell;
    std::mutex running;  // held while followers and schedules run
    std::vector<AtWork> followers;
    std::vector<Scheduled> schedules;
    std::thread thread;

    void serve();
    steady_clock::time_point round();
    steady_clock::time_point advance(AtWork& follower);
    steady_clock::time_point run_if_due(Scheduled& scheduled);
};

// The thread's whole life: rounds, and waits between them until something may be due.
void Runner::State::serve() {
    core::begin_background_thread("jobs");
    while (!bell->is_stopped()) {
        const auto began = steady_clock::now();
        const auto next = round();
        const auto ended = steady_clock::now();
        if (next > ended) {
            bell->wait_until(next);
        } else if (database.queue_length() >= busy_works) {
            bell->rest_until(ended +
                             std::min<steady_clock::duration>(rest_times * (ended - began), rest_max));
        }
    }
}

// Gives every follower and every due schedule one transaction. Tells when the next round is due at the
// latest.
steady_clock::time_point Runner::State::round() {
    std::lock_guard lock(running);
    auto next = steady_clock::now() + poll_every;
    for (auto& follower : followers) {
        if (bell->is_stopped()) return next;
        next = std::min(next, advance(follower));
    }
    for (auto& scheduled : schedules) {
        if (bell->is_stopped()) return next;
        next = std::min(next, run_if_due(scheduled));
    }
    return next;
}

steady_clock::time_point Runner::State::advance(AtWork& follower) {
    auto now = steady_clock::now();
    if (follower.retry_at > now) return follower.retry_at;
    try {
        auto outcome = follower.following.step();
        follower.retry_after = retry_first;
        switch (outcome) {
            case Following::Outcome::moved: return now;
            case Following::Outcome::held_back: return now + held_back_for;
            case Following::Outcome::overtaken: return follower.retry_at = now + overtaken_for;
            case Following::Outcome::idle: return now + poll_every;
        }
        std::unreachable();
    } catch (const std::exception& error) {
        spdlog::error("jobs: the follower {} failed and is tried again in {} ms: {}",
                      follower.following.name(), follower.retry_after.count(), core::quoted(error.what()));
        follower.retry_at = steady_clock::now() + follower.retry_after;
        follower.retry_after = std::min(follower.retry_after * 2, retry_last);
        return follower.retry_at;
    }
}

steady_clock::time_point Runner::State::run_if_due(Scheduled& scheduled) {
    auto& schedule = scheduled.schedule;
    if (scheduled.due > steady_clock::now()) return scheduled.due;
    bool more = false;
    try {
        const auto until = steady_clock::now() + schedule_turn;
        do {
            more = run_schedule(database, schedule);
        } while (more && !bell->is_stopped() && steady_clock::now() < until);
    } catch (const std::exception& error) {
        spdlog::error("jobs: the schedule {} failed: {}", schedule.name, core::quoted(error.what()));
    }
    scheduled.due = more ? steady_clock::now() : steady_clock::now() + schedule.every;
    return scheduled.due;
}

Runner::Runner(store::Database& database) : state_(std::make_unique<State>(database)) {}

Runner::~Runner() {
    stop();
}

void Runner::add(Follower follower) {
    state_->followers.push_back({Following(state_->database, std::move(follower))});
}

void Runner::add(Schedule schedule) {
    state_->schedules.push_back({std::move(schedule)});
}

void Runner::start() {
    state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

void Runner::stop() {
    state_->bell->stop();
    if (state_->thread.joinable()) state_->thread.join();
}

void Runner::wake() {
    state_->bell->ring();
}

void Runner::run_all_now() {
    std::lock_guard lock(state_->running);
    auto follow = [&] {
        // A follower may append events that another one wants.
        for (bool moved = true; moved;) {
            moved = false;
            for (auto& [following, retry_at, retry_after] : state_->followers) {
                Following::Outcome outcome;
                while ((outcome = following.step()) != Following::Outcome::idle) {
                    moved = true;
                    if (outcome != Following::Outcome::moved) std::this_thread::sleep_for(held_back_for);
                }
            }
        }
    };
    follow();
    for (auto& scheduled : state_->schedules) {
        while (run_schedule(state_->database, scheduled.schedule)) {
        }
    }
    follow();
}

}  // namespace jobs
