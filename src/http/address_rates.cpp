#include "http/address_rates.hpp"

#include "http/network.hpp"

#include <algorithm>

namespace http {
namespace {

// Of one shard in a minute. Who has more addresses than that isn't stopped by counting them, and should not
// get our memory for it.
constexpr std::size_t networks_max = 10'000;
constexpr std::int64_t words_for_limit = 16;
constexpr std::int64_t minute_ms = 60'000;

}  // namespace

std::int64_t AddressRates::minute_of(core::Time now) {
    return now.ms / minute_ms;
}

std::int64_t AddressRates::step() const {
    return std::max<std::int64_t>(1, max_ / words_for_limit);
}

AddressRates::Shard& AddressRates::shard_of(const std::string& network) {
    return shards_[std::hash<std::string>{}(network) % shards_.size()];
}

AddressRates::Count* AddressRates::find(Shard& shard, const std::string& network, std::int64_t minute) {
    if (std::exchange(shard.minute, minute) != minute) shard.counts.clear();
    auto found = shard.counts.find(network);
    if (found != shard.counts.end()) return &found->second;
    if (shard.counts.size() == networks_max) return nullptr;
    return &shard.counts[network];
}

std::optional<std::int64_t> AddressRates::count(std::string_view address, core::Time now) {
    if (max_ == 0) return {};
    AddressCount word{network_of(address), minute_of(now), 0};
    Shard& shard = shard_of(word.network);
    {
        std::lock_guard lock(shard.mutex);
        Count* count = find(shard, word.network, word.minute);
        if (!count) return {};
        if (count->here + count->elsewhere >= max_) {
            const core::Time next{(word.minute + 1) * minute_ms};
            return std::chrono::ceil<std::chrono::seconds>(next - now).count();
        }
        ++count->here;
        if (count->here - count->told >= step())
            word.more = count->here - std::exchange(count->told, count->here);
    }
    if (word.more > 0 && tell_) tell_(word);
    return {};
}

void AddressRates::hear(const AddressCount& word, core::Time now) {
    if (max_ == 0 || word.minute != minute_of(now)) return;
    Shard& shard = shard_of(word.network);
    std::lock_guard lock(shard.mutex);
    if (Count* count = find(shard, word.network, word.minute))
        count->elsewhere = std::min(max_, count->elsewhere + word.more);
}

}  // namespace http
