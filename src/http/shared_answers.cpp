#include "http/shared_answers.hpp"

#include "async/resume.hpp"

#include <sodium.h>
#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace http {
namespace {

// Larger ones are rare, and would hold up the small ones behind them.
constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::size_t subject_bytes_max = 256;

using Outcome = AnswerCarrier::Outcome;

struct Taken {
    Outcome outcome = Outcome::missing;
    std::string bytes;
};

// Goes on where the coroutine was, once the carrier has answered.
boost::asio::awaitable<Taken> take(const AnswerCarrier& carrier, std::string name) {
    auto home = co_await boost::asio::this_coro::executor;
    auto taken = std::make_shared<Taken>();
    auto start = [&](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        carrier.take(std::move(name), [taken, home, shared](Outcome outcome, std::string bytes) {
            *taken = {outcome, std::move(bytes)};
            async::resume_on(home, [shared] { std::move (*shared)(std::exception_ptr()); });
        });
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::exception_ptr)>(
        start, boost::asio::use_awaitable);
    co_return std::move(*taken);
}

}  // namespace

SharedAnswers::SharedAnswers(const SharingKey& key, AnswerCarrier carrier, std::uint64_t bytes_max)
    : key_(key), carrier_(std::move(carrier)), bytes_max_(bytes_max) {}

void SharedAnswers::begin(std::string_view history, Place floor) {
    const SharingKey secret = key_;
    crypto_generichash(key_.data(), key_.size(), reinterpret_cast<const unsigned char*>(history.data()),
                       history.size(), secret.data(), secret.size());
    places_.begin_at(floor);
}

boost::asio::awaitable<std::optional<SharedEntry>> SharedAnswers::find(std::string_view request) {
    if (!carrier_.is_up()) co_return std::nullopt;
    const Taken taken = co_await take(carrier_, shared_name(key_, request));
    if (taken.outcome != Outcome::found) {
        ++(taken.outcome == Outcome::late ? counts_.late : counts_.missing);
        co_return std::nullopt;
    }
    auto entry = unpack(key_, request, taken.bytes);
    if (!entry) ++counts_.broken;
    co_return entry;
}

bool SharedAnswers::is_current(const SharedEntry& entry) {
    const bool current = places_.shows_all(entry.stamp, entry.subject);
    ++(current ? counts_.taken : counts_.stale);
    return current;
}

bool SharedAnswers::spend(std::size_t bytes) {
    const auto now = std::chrono::steady_clock::now();
    std::lock_guard lock(spending_);
    if (now - spent_since_ >= shared_for) {
        spent_since_ = now;
        spent_bytes_ = 0;
    }
    if (spent_bytes_ + bytes > bytes_max_) return false;
    spent_bytes_ += bytes;
    return true;
}

// What others would refuse, as it is behind a change that was only just heard, isn't put.
bool SharedAnswers::put(std::string_view request, std::string_view subject, std::string_view body,
                        Place stamp) {
    if (body.size() > body_bytes_max || subject.size() > subject_bytes_max || !carrier_.is_up() ||
        !places_.shows_all(stamp, subject) || !spend(body.size()))
        return false;
    if (!carrier_.put(shared_name(key_, request),
                      pack(key_, request, {stamp, std::string(subject), std::string(body)})))
        return false;
    ++counts_.put;
    return true;
}

}  // namespace http
