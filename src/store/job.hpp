// A unit of work on its way to a store thread, and its answer on the way back; and the bounded queue in
// between, which both engines share. A Job lives in the frame of the caller who waits for it, coroutine or
// thread.
#pragma once

#include "store/database.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <shared_mutex>

namespace store {

enum class Use { read, write };

struct Job {
    Job(const Work& job_work, Use job_use) : work(job_work), use(job_use) {}
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    const Work& work;
    Use use;
    std::chrono::steady_clock::time_point queued_at = std::chrono::steady_clock::now();

    // Written by the store thread before it answers.
    core::Result<Box> result;
    std::exception_ptr failed;

    // How the caller is woken: a coroutine by `resume` on its own executor, a thread by `answered`.
    boost::asio::any_io_executor home;
    std::move_only_function<void()> resume;
    std::mutex mutex;
    std::condition_variable answered_changed;
    bool answered = false;
};

// Wakes the callers. Coroutines of one executor are woken together, which costs one wake-up of its thread. A
// job must not be touched any more after this.
void answer(std::span<Job* const> jobs);

// The answer to what was not even begun: queue full, database away.
core::Result<Box> refused();

// Runs `work` and turns a violated constraint that is named like an ErrorCode into that error.
core::Result<Box> run_work(const Work& work, Tx& tx);
core::Result<Box> error_of(const ConstraintViolation& violation);  // rethrows it if it has no such name

// Who is told of commits. Listeners may be added at any time.
class CommitListeners {
public:
    void add(CommitListener listener) {
        std::unique_lock lock(mutex_);
        listeners_.push_back(std::move(listener));
    }
    void tell(std::span<const Event> events) {
        if (events.empty()) return;
        std::shared_lock lock(mutex_);
        for (auto& listener : listeners_)
            listener(events);
    }

private:
    std::shared_mutex mutex_;
    std::vector<CommitListener> listeners_;
};

class JobQueue {
public:
    explicit JobQueue(std::size_t length_max) : length_max_(length_max) {}

    // Queue, wait, and give back what the job came to: the result, or its exception rethrown.
    boost::asio::awaitable<core::Result<Box>> run(Work work, Use use);
    core::Result<Box> run_now(const Work& work, Use use);

    // For store threads. Adds up to `most` jobs to `batch`, waiting for the first one: false once the queue
    // is closed and empty.
    bool take(std::vector<Job*>& batch, std::size_t most);
    // Adds what is there, without waiting: false if nothing is.
    bool take_more(std::vector<Job*>& batch, std::size_t most);
    // The jobs were answered.
    void done(std::size_t jobs) { length_ -= jobs; }

    // No more jobs; those queued are still run.
    void close();

    // Jobs waiting or running.
    std::size_t length() const { return length_; }
    // Jobs that no thread has taken.
    std::size_t waiting() const {
        std::lock_guard lock(mutex_);
        return jobs_.size();
    }

private:
    bool push(Job& job);
    void move_jobs(std::vector<Job*>& batch, std::size_t most);

    const std::size_t length_max_;
    mutable std::mutex mutex_;
    std::condition_variable has_jobs_;
    std::deque<Job*> jobs_;
    bool closed_ = false;
    std::atomic<std::size_t> length_{0};
};

}  // namespace store
