#include "outbound/worker.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace outbound {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds trouble_pause{5000};  // the database is away: it won't be back sooner for being asked

}  // namespace

struct Worker::State {
    std::string name;
    Round round;
    std::mutex mutex;
    std::condition_variable_any rung_or_stopped;
    bool rung = false;
    std::jthread thread;

    void serve(const std::stop_token& stop);
    milliseconds try_round(const std::stop_token& stop) const;
    void wait_for(const std::stop_token& stop, milliseconds wait);
};

void Worker::State::serve(const std::stop_token& stop) {
    core::begin_background_thread(name.c_str());
    while (!stop.stop_requested()) {
        auto wait = try_round(stop);
        if (wait.count() > 0) wait_for(stop, wait);
    }
}

milliseconds Worker::State::try_round(const std::stop_token& stop) const {
    try {
        return round(stop);
    } catch (const std::exception& failure) {
        spdlog::error("{}: a round of work failed and is tried again: {}", name,
                      core::quoted(failure.what()));
        return trouble_pause;
    }
}

void Worker::State::wait_for(const std::stop_token& stop, milliseconds wait) {
    std::unique_lock lock(mutex);
    rung_or_stopped.wait_for(lock, stop, wait, [this] { return rung; });
    rung = false;
}

Worker::Worker(std::string name, Round round) : state_(std::make_unique<State>()) {
    state_->name = std::move(name);
    state_->round = std::move(round);
}

Worker::~Worker() {
    stop();
}

void Worker::start() {
    state_->thread =
        std::jthread([state = state_.get()](const std::stop_token& stop) { state->serve(stop); });
}

void Worker::request_stop() {
    state_->thread.request_stop();
}

void Worker::stop() {
    request_stop();
    if (state_->thread.joinable()) state_->thread.join();
}

void Worker::wake() {
    {
        std::lock_guard lock(state_->mutex);
        state_->rung = true;
    }
    state_->rung_or_stopped.notify_one();
}

}  // namespace outbound
