#include "backup/keeper.hpp"

#include "backup/turn.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"

namespace backup {
namespace {

constexpr std::chrono::minutes retry_after{10};
constexpr std::chrono::minutes others_end_within{1};

}  // namespace

Keeper::Keeper(KeeperSettings settings, const core::Clock& clock)
    : settings_(std::move(settings)), clock_(clock) {}

void Keeper::start() {
    if (settings_.every.count() == 0) return;
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

void Keeper::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Keeper::serve(const std::stop_token& stop) {
    core::begin_background_thread("backup");
    std::chrono::milliseconds wait = due_in();
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, stop, wait, [&] { return stop.stop_requested(); }) &&
           !stop.stop_requested()) {
        try {
            take_one();
            wait = due_in();
        } catch (const Busy&) {
            wait = others_end_within;
        } catch (const std::exception& failure) {
            spdlog::error("backup: none was taken, the next try is in ten minutes: {}",
                          core::quoted(failure.what()));
            wait = retry_after;
        }
    }
}

// Of a shop that was restarted the last backup counts.
std::chrono::milliseconds Keeper::due_in() const {
    auto newest = find_newest(settings_.into);
    if (!newest) return std::chrono::milliseconds(0);
    return std::max(std::chrono::milliseconds(0), *newest + settings_.every - clock_.now());
}

// Of several nodes that share the folder the first takes it for all.
void Keeper::take_one() {
    const Turn turn(settings_.into);
    if (due_in().count() > 0) return;
    auto folder = take(turn, settings_.shop, clock_.now());
    remove_oldest(settings_.into, settings_.kept);
    spdlog::info("backup: {} was taken", folder.string());
}

}  // namespace backup
