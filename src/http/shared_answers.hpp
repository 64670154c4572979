// Ready answers that nodes take from each other, beside those that each keeps in its own memory (kept.hpp). A
// node that has just started, or has forgotten an answer, takes it from where another one has put it, as long
// as it shows every change that is known here.
#pragma once

#include "http/shared_entry.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <mutex>

namespace http {

// How long an answer lies there. One that is asked for is put again before.
inline constexpr std::chrono::minutes shared_for{15};

// What carries them. Nobody waits for it: it answers within some milliseconds, or that there is nothing.
struct AnswerCarrier {
    enum class Outcome { found, missing, late };
    using Took = std::function<void(Outcome outcome, std::string bytes)>;

    std::function<bool()> is_up;
    // Calls `took` once, on any thread.
    std::function<void(std::string name, Took took)> take;
    // False: it takes no more now.
    std::function<bool(std::string name, std::string bytes)> put;
};

class SharedAnswers {
public:
    // `key` is made of what nodes must have in common besides their database. At most `bytes_max` are put in
    // the time that they lie there.
    SharedAnswers(const SharingKey& key, AnswerCarrier carrier, std::uint64_t bytes_max);

    // Before the server starts. Until then there are none; nodes with different histories share none.
    void begin(std::string_view history, Place floor);

    LogPlaces& places() { return places_; }
    // What an answer is put with. Ask for it before it is looked whether the answer is still valid.
    Place stamp() const { return places_.heard(); }

    // What a node has put as the answer to a request.
    boost::asio::awaitable<std::optional<SharedEntry>> find(std::string_view request);
    // Whether it shows every change that is known here. Who keeps it then asks Changes::latest() before this.
    bool is_current(const SharedEntry& entry);

    // Lets other nodes have an answer that was valid behind `stamp`. False: not now.
    bool put(std::string_view request, std::string_view subject, std::string_view body, Place stamp);

    struct Counts {
        std::atomic<std::uint64_t> taken{0};
        std::atomic<std::uint64_t> missing{0};
        std::atomic<std::uint64_t> stale{0};   // a change is known here that it needn't show
        std::atomic<std::uint64_t> broken{0};  // no node of this shop has put it there
        std::atomic<std::uint64_t> late{0};    // the carrier didn't answer in time
        std::atomic<std::uint64_t> put{0};
    };
    const Counts& counts() const { return counts_; }

private:
    bool spend(std::size_t bytes);

    SharingKey key_;
    const AnswerCarrier carrier_;
    const std::uint64_t bytes_max_;
    std::mutex spending_;
    std::chrono::steady_clock::time_point spent_since_{};
    std::uint64_t spent_bytes_ = 0;
    LogPlaces places_;
    Counts counts_;
};

}  // namespace http
