// How far this node has heard the shop's event log, and where in it each subject changed last: what decides
// whether an answer that another node made shows every change that was heard of here.
//
// A place is a number that grows along the log. Who makes an answer says with it up to where the log had been
// heard before its read began: whatever stands below that place was committed by then, so the answer shows
// it.
#pragma once

#include "http/kept.hpp"

namespace http {

using Place = std::int64_t;

class LogPlaces {
public:
    // Commits of this node are known before their place is, and before their writer hears of them.
    Changes& own() { return own_; }

    // What the log says of subjects, all of it below `place`.
    struct Logged {
        LogPlaces& places;
        Place place;
        void announce(std::string_view subject) { raise(places.changed_[slot_of(subject)], place); }
        void announce_all() { raise(places.all_changed_, place); }
    };

    // Every change from `floor` on was told by logged(), or will be. Until this is known no answer is
    // trusted.
    void begin_at(Place floor) { floor_.store(floor, std::memory_order_release); }

    // A look at the log: what was announced as own before it is among what it shows.
    void begin_look() { looking_ = own_.latest(); }
    Logged logged(Place place) { return {*this, place}; }
    // All below `heard` was announced.
    void end_look(Place heard);
    // Places mean something else from here on: nobody's answer is trusted any more.
    void end() { ended_.store(true, std::memory_order_release); }

    // How far the log was heard: what an answer is stamped with whose read begins now, or that was found to
    // be valid behind this. 0: nothing may be said of any.
    Place heard() const { return heard_.load(std::memory_order_acquire); }

    // Whether an answer with that stamp shows every change of the subject that this node knows of.
    bool shows_all(Place stamp, std::string_view subject) const;

private:
    static constexpr Place nowhere = std::numeric_limits<Place>::max();
    // Of subjects that share one each is refused for the other's changes. A shop with a hundred events a
    // second has ninety thousand while an answer lies there.
    static constexpr std::size_t slots = 1 << 20;

    static std::size_t slot_of(std::string_view subject) {
        return std::hash<std::string_view>{}(subject) % slots;
    }
    static void raise(std::atomic<Place>& slot, Place place) {
        Place before = slot.load(std::memory_order_relaxed);
        while (before < place && !slot.compare_exchange_weak(before, place, std::memory_order_acq_rel)) {
        }
    }

    Changes own_;
    Changes::Stamp looking_ = 0;              // the feed's: own changes before the look under way
    std::atomic<Changes::Stamp> settled_{0};  // own changes up to it are among the logged ones
    std::atomic<bool> ended_{false};
    std::atomic<Place> floor_{nowhere};
    std::atomic<Place> heard_{0};
    std::atomic<Place> all_changed_{0};
    std::array<std::atomic<Place>, slots> changed_{};  // the place below which each changed last
};

}  // namespace http
