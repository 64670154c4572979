#include "backup/shipper.hpp"

#include "backup/generation.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"
#include "store/sqlite_log.hpp"

namespace backup {
namespace {

using std::chrono::steady_clock;

// A folder that is away or full fails every second: a line a minute says so.
constexpr std::chrono::minutes complain_every{1};
// A copy of the whole database that failed is not tried each second.
constexpr std::chrono::seconds copy_again_after{30};

}  // namespace

Shipper::Shipper(ShipSettings settings, store::Database& database, const core::Clock& clock)
    : settings_(std::move(settings)), database_(database), clock_(clock) {}

Shipper::~Shipper() {
    stop();
}

void Shipper::start() {
    if (!is_on()) return;
    log_ = std::make_shared<store::SqliteLog>(sqlite_file_of(settings_.shop), settings_.waiting_bytes_max);
    unsent_since_ms_ = clock_.now().ms;
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

void Shipper::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Shipper::serve(const std::stop_token& stop) {
    core::name_thread("ship");
    std::unique_lock lock(mutex_);
    do {
        round();
    } while (!stopped_.wait_for(lock, stop, settings_.every, [&] { return stop.stop_requested(); }) &&
             !stop.stop_requested());
    stopping_ = true;
    round();
    try {
        store::leave_log(database_);
        if (current_ && !unsent_) current_->complete();
    } catch (const std::exception& failure) {
        complain(failure.what());
    }
}

void Shipper::round() {
    try {
        if (current_) ship();
        const bool is_due = !current_ || clock_.now() - current_->began_at() >= settings_.copy_every;
        if (is_due && !stopping_ && steady_clock::now() >= begin_at_) begin_generation();
    } catch (const store::LogBroken& broken) {
        complain(std::string("the chain is broken, a fresh copy begins the next one: ") + broken.what());
        give_up_generation();
    } catch (const std::exception& failure) {
        complain(failure.what());
        next_.reset();
        log_->drop_mark();
    }
}

// The pictures first: they may take long, and the log goes on to where it went meanwhile.
void Shipper::begin_generation() {
    begin_at_ = steady_clock::now() + copy_again_after;
    const auto generations = list_generations(settings_.into);
    auto next = std::make_unique<Generation>(settings_.shop, settings_.into);
    const auto before = generations.empty() ? std::filesystem::path() : generations.back().folder;
    next->add_pictures(before, [this] { breathe(); });
    if (current_) ship();
    auto [at, rest] = store::mark_log(database_, log_);
    if (!current_) {
        unsent_.reset();  // of an attempt that failed
    } else if (!rest.commits.empty()) {
        unsent_ = std::make_unique<store::LogPiece>(std::move(rest));
        ++piece_number_;
        add_to_both();
    }
    next_ = std::move(next);
    log_->copy_marked(next_->base() / copy_name, [this] { breathe(); });
    ship();
    next_->begin(at);
    const auto old = std::exchange(current_, std::move(next_));
    begin_at_ = steady_clock::now();
    note_shipped();
    spdlog::info("ship: a copy of the shop is in {}; its log follows", current_->folder().string());
    if (old) old->complete();
    remove_generations(settings_.into, clock_.now() - settings_.kept);
}

// While a copy is being made the old generation goes on, so that there is no time that can't be restored.
void Shipper::ship() {
    ship_at_ = steady_clock::now() + settings_.every;
    if (!unsent_) {
        // Said before it is known whether there is anything, so that nobody is told meanwhile that there
        // isn't.
        if (unsent_since_ms_ == 0) unsent_since_ms_ = clock_.now().ms;
        auto piece = log_->fetch();
        if (piece.commits.empty()) {
            note_shipped();
            // Seen twice it is no commit of ours that is just being written.
            if (const bool sees = log_->has_strangers(); std::exchange(saw_strangers_, sees) && sees)
                store::touch_log(database_);
            return;
        }
        unsent_ = std::make_unique<store::LogPiece>(std::move(piece));
        if (current_) unsent_since_ms_ = unsent_->commits.front().at.ms;
        ++piece_number_;
    }
    add_to_both();
}

// A picture was on the disk before the row that speaks of it was committed.
void Shipper::add_to_both() {
    for (Generation* generation : {current_.get(), next_.get()}) {
        if (!generation) continue;
        generation->add_pictures({}, [] {});
        generation->add(piece_number_, *unsent_);
    }
    ++segments_;
    unsent_.reset();
    note_shipped();
}

// Without a finished copy nothing that was written can be restored.
void Shipper::note_shipped() {
    if (current_) unsent_since_ms_ = 0;
}

void Shipper::breathe() {
    if (thread_.get_stop_token().stop_requested())
        throw std::runtime_error("the server stops before a copy of the shop is finished");
    if (steady_clock::now() < ship_at_ || (!current_ && !next_)) return;
    ship();
}

void Shipper::give_up_generation() {
    current_.reset();
    next_.reset();
    unsent_.reset();
    log_->drop_mark();
    unsent_since_ms_ = clock_.now().ms;
}

void Shipper::complain(const std::string& why) {
    ++failures_;
    const auto now = steady_clock::now();
    if (now < complain_at_) return;
    complain_at_ = now + complain_every;
    spdlog::warn("ship: nothing gets to {}: {}", settings_.into.string(), core::quoted(why));
}

std::chrono::milliseconds Shipper::lag() const {
    std::optional<core::Time> since = log_ ? log_->waiting_since() : std::nullopt;
    if (const std::int64_t unsent = unsent_since_ms_; unsent > 0) since = core::Time{unsent};
    if (!since) return {};
    return std::max(std::chrono::milliseconds(1), clock_.now() - *since);
}

std::optional<core::Time> find_shipped_until(const std::filesystem::path& shipped) {
    const auto generations = list_generations(shipped);
    if (generations.empty()) return {};
    const auto segments = list_segments(generations.back().folder / log_name);
    return segments.empty() ? generations.back().began_at
                            : std::max(generations.back().began_at, segments.back().until);
}

}  // namespace backup
