#include "nodes/words.hpp"

#include "core/encoding.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <list>

namespace nodes {
namespace {

using std::chrono::steady_clock;

// A node without Redis says every five seconds that it lives (chat::presence_beat). Some of that may be lost.
constexpr std::chrono::seconds without_redis_for{16};

// How a word in the database begins: whether the node that says it has Redis.
constexpr char has_redis_mark = '+';
constexpr char lacks_redis_mark = '-';

}  // namespace

std::string checked_prefix(const std::string& prefix) {
    auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("._-:").contains(c);
    };
    constexpr std::size_t length_max = 64;
    if (prefix.empty() || prefix.size() > length_max || !std::ranges::all_of(prefix, is_plain))
        throw std::invalid_argument("must be 1 to 64 letters, digits, and any of . _ - :");
    return prefix;
}

// Outlives Words where the database still rings.
struct Words::Hearers {
    struct Hearer {
        std::string channels;
        Hear hear;
    };

    void hear(std::string_view channel, std::string_view word) {
        std::lock_guard lock(mutex);
        for (const Hearer& hearer : list) {
            if (channel.starts_with(hearer.channels)) call(hearer, channel, word);
        }
    }

    // Anybody on Redis may have said it: whatever it does to a hearer, the next word is heard.
    static void call(const Hearer& hearer, std::string_view channel, std::string_view word) {
        try {
            hearer.hear(channel, word);
        } catch (const std::exception& failure) {
            spdlog::error("nodes: a word on {} failed: {}", core::quoted(channel),
                          core::quoted(failure.what()));
        }
    }

    // "-channel word", the word in base64url.
    void hear_database(std::string_view text) {
        const std::size_t space = text.find(' ');
        if (space == text.npos) return;
        auto word = core::from_base64url(text.substr(space + 1));
        if (!word) return;
        if (text.front() == lacks_redis_mark) somebody_lacked_redis_at = steady_clock::now();
        hear(text.substr(1, space - 1), *word);
    }

    std::mutex mutex;
    std::list<Hearer> list;  // guarded by mutex
    // At first as if long ago.
    std::atomic<steady_clock::time_point> somebody_lacked_redis_at{steady_clock::now() - without_redis_for};
};

Words::Words(store::Database& database, Settings settings)
    : settings_(std::move(settings)), database_(database), hearers_(std::make_shared<Hearers>()) {
    database.on_whisper([hearers = hearers_](std::string_view text) { hearers->hear_database(text); });
    if (!settings_.redis) return;
    // Besides the prefix itself there are "-request" of the adapter and "-nodes" of ours.
    redis_ = std::make_unique<redis::Redis>(
        *settings_.redis, std::vector{prefix() + "#*", prefix() + "-request#*", prefix() + "-nodes#*"},
        [hearers = hearers_](std::string_view channel, std::string_view word) {
            hearers->hear(channel, word);
        });
}

Words::~Words() = default;

void Words::start() {
    if (redis_) redis_->start();
}

void Words::stop() {
    if (redis_) redis_->stop();
}

Words::Hearing Words::hear(std::string channels, Hear hear) {
    channels.insert(0, settings_.prefix);
    std::lock_guard lock(hearers_->mutex);
    auto place = hearers_->list.insert(hearers_->list.end(), {std::move(channels), std::move(hear)});
    return {nullptr, [hearers = hearers_, place](void*) {
                std::lock_guard lock(hearers->mutex);
                hearers->list.erase(place);
            }};
}

void Words::say(std::string_view channel, std::string_view word) {
    std::string full = settings_.prefix;
    full += channel;
    if (full.size() + word.size() > word_bytes_max)
        throw std::logic_error("too long for a word between nodes");
    if (all_have_redis() && redis_->publish(full, std::string(word))) return;
    const char mark = is_redis_up() ? has_redis_mark : lacks_redis_mark;
    database_.whisper(mark + full + " " + core::to_base64url(word));
}

// A node that has lost it, or was never told of it, hears only what is said in the database.
bool Words::all_have_redis() const {
    return is_redis_up() &&
           steady_clock::now() - hearers_->somebody_lacked_redis_at.load() >= without_redis_for;
}

}  // namespace nodes
