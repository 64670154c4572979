// How many requests each address makes in a minute of the clock, over all nodes of the shop. Each node counts
// by itself and says now and then what it has counted, so a request never waits for anybody: with n nodes an
// address gets up to (n - 1) sixteenths more than its limit. Thread-safe.
#pragma once

#include "core/time.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace http {

// What a node says to the others: that many requests more of that address in that minute.
struct AddressCount {
    std::string network;  // network_of() the address
    std::int64_t minute = 0;
    std::int64_t more = 0;
};

class AddressRates {
public:
    // Called on the thread of a request: must be quick.
    using Tell = std::function<void(const AddressCount&)>;

    explicit AddressRates(std::int64_t per_minute_max) : max_(per_minute_max) {}  // 0: any number

    void tell_others(Tell tell) { tell_ = std::move(tell); }  // before the server starts

    // Counts a request. Not empty: it is one too many, and the address may go on in so many seconds.
    std::optional<std::int64_t> count(std::string_view address, core::Time now);
    void hear(const AddressCount& count, core::Time now);

    static std::int64_t minute_of(core::Time now);

private:
    struct Count {
        std::int64_t here = 0;
        std::int64_t told = 0;  // of here
        std::int64_t elsewhere = 0;
    };
    struct Shard {
        std::mutex mutex;
        std::int64_t minute = 0;
        std::unordered_map<std::string, Count> counts;
    };

    Shard& shard_of(const std::string& network);
    // That of `network` in this minute; null: there are too many addresses to count them.
    static Count* find(Shard& shard, const std::string& network, std::int64_t minute);
    // What one node may count before the others hear of it.
    std::int64_t step() const;

    const std::int64_t max_;
    Tell tell_;
    std::array<Shard, 16> shards_;  // so that threads seldom wait for each other
};

}  // namespace http
