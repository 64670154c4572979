// What the nodes of a shop say to each other at once and without a promise: who types, who is there, what an
// address has used of its limit. It goes over Redis where there is one and everybody has it, else over the
// database; who says and who hears it needn't know which. A word may be lost, and comes to who said it as
// well.
#pragma once

#include "redis/redis.hpp"
#include "store/database.hpp"

#include <chrono>
#include <memory>

namespace nodes {

// What a word may have in bytes, its channel's name included: the database's notifications carry no more.
inline constexpr std::size_t word_bytes_max = 2900;

struct Settings {
    std::optional<redis::Address> redis;
    // What channels begin with, as the option `key` of npm's @socket.io/redis-adapter.
    std::string prefix = "socket.io";
};

// The same, as Redis takes channels for patterns; std::invalid_argument if it couldn't be told from one.
std::string checked_prefix(const std::string& prefix);

class Words {
public:
    // Called on a thread of the carrier: must be quick, and must expect anything.
    using Hear = std::function<void(std::string_view channel, std::string_view word)>;
    // As long as it lives, somebody hears. Letting go of it waits for a call under way.
    using Hearing = std::shared_ptr<void>;

    // `database` must outlive it.
    Words(store::Database& database, Settings settings);
    ~Words();
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;

    void start();
    void stop();  // Redis is neither heard nor spoken to any more

    // Of every channel that begins so; "#room#" behind the prefix is the channel "<prefix>#room#".
    [[nodiscard]] Hearing hear(std::string channels, Hear hear);
    // From any thread, and cheap. std::logic_error: longer than word_bytes_max.
    void say(std::string_view channel, std::string_view word);

    const std::string& prefix() const { return settings_.prefix; }
    bool has_redis() const { return redis_ != nullptr; }
    bool is_redis_up() const { return redis_ && redis_->is_up(); }
    std::uint64_t redis_losses() const { return redis_ ? redis_->losses() : 0; }

private:
    struct Hearers;

    bool all_have_redis() const;

    const Settings settings_;
    store::Database& database_;
    std::shared_ptr<Hearers> hearers_;
    std::unique_ptr<redis::Redis> redis_;  // last: its thread uses the others
};

}  // namespace nodes
