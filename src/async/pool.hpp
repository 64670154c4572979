// Threads for what would hold up an I/O thread: hashing, files. Bounded, so that a flood of such work is
// refused instead of queueing without end. Coroutines go there and come back with run().
#pragma once

#include "async/resume.hpp"

#include "core/error.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>

namespace async {

class Pool {
public:
    // `waiting_max`: work queued or running at once; one more is answered core::ErrorCode::overloaded.
    Pool(unsigned threads, std::size_t waiting_max) : waiting_max_(waiting_max), threads_(threads) {}
    ~Pool() { stop(); }

    // Runs what is queued, then joins the threads.
    void stop() { threads_.join(); }

    // Calls work(), which must not throw, on a pool thread some time. False, and never, if too much waits
    // already.
    template <class F>
    bool post(F work) {
        auto place = std::make_shared<Place>(*this);
        if (!place->taken) return false;
        boost::asio::post(threads_, [place, work = std::move(work)]() mutable { work(); });
        return true;
    }

    std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

    // Calls work() on a pool thread; the coroutine goes on where it was. Exceptions of `work` are rethrown
    // here.
    template <class F>
    boost::asio::awaitable<core::Result<std::invoke_result_t<F&>>> run(F work) {
        using Value = std::invoke_result_t<F&>;
        Place place(*this);
        if (!place.taken)
            co_return core::fail(core::ErrorCode::overloaded, "The server is busy. Try again shortly.");
        auto home = co_await boost::asio::this_coro::executor;
        std::optional<Value> value;
        auto start = [&](auto handler) {
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            boost::asio::post(threads_, [&value, &work, home, shared] {
                std::exception_ptr failed;
                try {
                    value.emplace(work());
                } catch (...) {
                    failed = std::current_exception();
                }
                resume_on(home, [shared, failed] { std::move (*shared)(failed); });
            });
        };
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::exception_ptr)>(
            start, boost::asio::use_awaitable);
        co_return std::move(*value);
    }

private:
    struct Place {
        explicit Place(Pool& p) : pool(p), taken(p.waiting_.fetch_add(1) < p.waiting_max_) {}
        ~Place() { pool.waiting_.fetch_sub(1); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        Pool& pool;
        bool taken;
    };

    std::atomic<std::size_t> waiting_{0};
    std::size_t waiting_max_;
    boost::asio::thread_pool threads_;
};

}  // namespace async
