#include "store/job.hpp"

#include "async/resume.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace store {
namespace {

using Resume = std::move_only_function<void()>;

// Resumes coroutines one after another on their executor. If one lets an exception out, the others still go
// on.
struct ResumeAll {
    boost::asio::any_io_executor home;
    std::vector<Resume> waiting;
    std::size_t next = 0;

    void operator()() {
        try {
            while (next < waiting.size())
                waiting[next++]();
        } catch (...) {
            if (next < waiting.size()) boost::asio::post(home, std::move(*this));
            throw;
        }
    }
};

core::Result<Box> outcome_of(Job& job) {
    if (job.failed) std::rethrow_exception(std::exchange(job.failed, nullptr));
    return std::move(job.result);
}

}  // namespace

core::Result<Box> refused() {
    return core::fail(core::ErrorCode::overloaded, "The server is busy. Try again shortly.");
}

void answer(std::span<Job* const> jobs) {
    std::vector<ResumeAll> groups;
    for (auto* job : jobs) {
        if (!job->resume) {
            // Under the lock: the waiting thread owns the job, and may only end it after this.
            std::lock_guard lock(job->mutex);
            job->answered = true;
            job->answered_changed.notify_one();
            continue;
        }
        auto group = std::ranges::find(groups, job->home, &ResumeAll::home);
        if (group == groups.end()) group = groups.insert(groups.end(), ResumeAll{job->home, {}});
        group->waiting.push_back(std::move(job->resume));
    }
    for (auto& group : groups) {
        auto home = group.home;
        async::resume_on(home, std::move(group));
    }
}

core::Result<Box> error_of(const ConstraintViolation& violation) {
    core::ErrorCode code;
    if (!boost::describe::enum_from_string(violation.constraint.c_str(), code))
        throw ConstraintViolation(violation);
    return core::fail(code);
}

core::Result<Box> run_work(const Work& work, Tx& tx) {
    try {
        return work(tx);
    } catch (const ConstraintViolation& violation) {
        return error_of(violation);
    }
}

boost::asio::awaitable<core::Result<Box>> JobQueue::run(Work work, Use use) {
    Job job(work, use);
    job.home = co_await boost::asio::this_coro::executor;
    // The coroutine is suspended when this runs, so another thread may already resume it before push()
    // returns.
    auto start = [this, &job](auto handler) {
        job.resume = std::move(handler);
        if (push(job)) return;
        job.result = refused();
        Job* refused_job = &job;
        answer({&refused_job, 1});
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        start, boost::asio::use_awaitable);
    co_return outcome_of(job);
}

core::Result<Box> JobQueue::run_now(const Work& work, Use use) {
    Job job(work, use);
    if (!push(job)) return refused();
    std::unique_lock lock(job.mutex);
    job.answered_changed.wait(lock, [&] { return job.answered; });
    lock.unlock();
    return outcome_of(job);
}

bool JobQueue::push(Job& job) {
    std::lock_guard lock(mutex_);
    if (closed_ || jobs_.size() >= length_max_) return false;
    jobs_.push_back(&job);
    ++length_;
    // Under the lock, so that the queue can't be gone yet: who answers this job may end the database after
    // it.
    has_jobs_.notify_one();
    return true;
}

bool JobQueue::take(std::vector<Job*>& batch, std::size_t most) {
    std::unique_lock lock(mutex_);
    has_jobs_.wait(lock, [&] { return closed_ || !jobs_.empty(); });
    move_jobs(batch, most);
    return !batch.empty();
}

bool JobQueue::take_more(std::vector<Job*>& batch, std::size_t most) {
    std::lock_guard lock(mutex_);
    if (jobs_.empty()) return false;
    move_jobs(batch, most);
    return true;
}

void JobQueue::move_jobs(std::vector<Job*>& batch, std::size_t most) {
    auto count = static_cast<std::ptrdiff_t>(std::min(most, jobs_.size()));
    batch.insert(batch.end(), jobs_.begin(), jobs_.begin() + count);
    jobs_.erase(jobs_.begin(), jobs_.begin() + count);
}

void JobQueue::close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    has_jobs_.notify_all();
}

}  // namespace store
