#include "mail/layout.hpp"
#include "core/thread.hpp"
#include "mail/mail.hpp"
#include "mail/outbox.hpp"

#include "core/log.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace mail {
namespace {

using std::chrono::milliseconds;
using Outcome = Delivery::Outcome;

constexpr std::string_view queued_event = "mail.queued";

// Longer than any delivery; a node that died while it delivered holds its letter no longer.
constexpr std::chrono::seconds lease{90};
constexpr std::chrono::seconds retry_first{15};
constexpr std::chrono::hours retry_last{1};
constexpr std::chrono::hours given_up_after{
    3 * 24};                               // what mail servers do themselves (RFC 5321 §4.5.4.1: 4-5 days)
constexpr milliseconds pause_first{1000};  // of the whole sender, when the server can't be reached
constexpr milliseconds pause_last{60'000};
constexpr milliseconds look_every{5000};  // catches letters that other nodes queued
constexpr std::chrono::hours kept_after_settling{30 * 24};
constexpr std::int64_t swept_at_once = 500;

// 15 s, 45 s, 135 s… up to an hour.
milliseconds retry_after(std::int64_t attempts) {
    milliseconds wait = retry_first;
    for (std::int64_t i = 1; i < attempts && wait < retry_last; ++i)
        wait *= 3;
    return std::min<milliseconds>(wait, retry_last);
}

template <class T>
T good(core::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string with_token(std::string text, std::string_view token) {
    if (auto place = text.find(token_place); place != std::string::npos) text.replace(place, 1, token);
    return text;
}

}  // namespace

void queue(store::Tx& tx, const Letter& letter) {
    outbox::LetterRow row{.id = LetterId::at(tx.now()),
                          .kind = letter.kind,
                          .recipient = letter.to,
                          .subject = letter.subject.str(),
                          .body_text = text_of(letter.blocks),
                          .body_html = html_of(letter.blocks),
                          .good_until = letter.good_until};
    for (const Block& block : letter.blocks) {
        if (const auto* link = std::get_if<Link>(&block); link && !link->sealed_token.empty())
            row.sealed_token = link->sealed_token;
    }
    outbox::insert(tx, row, letter.event);
    tx.append_event(std::string(queued_event), row.id.str());
}

void forget_letters_to(store::Tx& tx, const core::Email& address) {
    outbox::forget_words_to(tx, address);
}

struct Sender::State {
    State(Settings given, store::Database& db) : settings(std::move(given)), database(db) {}

    const Settings settings;
    store::Database& database;
    std::mutex mutex;
    std::condition_variable_any rung_or_stopped;
    bool rung = false;
    milliseconds pause = pause_first;
    std::jthread thread;

    void serve(const std::stop_token& stop);
    bool deliver_one(const std::stop_token& stop, milliseconds& wait);
    Message message_of(const outbox::LetterRow& row) const;
    Delivery deliver(const outbox::LetterRow& row, const std::stop_token& stop) const;
    void note(const outbox::LetterRow& row, const Delivery& delivery);
    void wait_for(const std::stop_token& stop, milliseconds wait);
};

// The thread's whole life: letter after letter, and a wait when none is due or the server can't be reached.
void Sender::State::serve(const std::stop_token& stop) {
    core::begin_background_thread("mail");
    while (!stop.stop_requested()) {
        milliseconds wait{0};
        try {
            deliver_one(stop, wait);
        } catch (const std::exception& failure) {
            spdlog::error("mail: the outbox can't be read: {}", core::quoted(failure.what()));
            wait = look_every;
        }
        if (wait.count() > 0) wait_for(stop, wait);
    }
}

// False if nothing was due. `wait`: how long nothing will be, or should be tried.
bool Sender::State::deliver_one(const std::stop_token& stop, milliseconds& wait) {
    auto due = [&](store::Tx& tx) {
        auto next = outbox::find_next_due(tx);
        return next ? *next - tx.now() : look_every;
    };
    wait = std::clamp(good(store::read_now(database, due)), milliseconds(0), look_every);
    if (wait.count() > 0) return false;
    auto row =
        good(store::write_now(database, [&](store::Tx& tx) { return outbox::claim(tx, tx.now() + lease); }));
    if (!row) return true;  // another node was quicker
    Delivery delivery = deliver(*row, stop);
    note(*row, delivery);
    if (delivery.outcome == Outcome::unreachable) {
        wait = pause;
        pause = std::min(pause * 2, pause_last);
    } else {
        pause = pause_first;
    }
    return true;
}

Message Sender::State::message_of(const outbox::LetterRow& row) const {
    Message message{.id = row.id.str(),
                    .kind = row.kind,
                    .from = settings.from,
                    .from_name = OneLine(settings.shop_name),
                    .to = row.recipient,
                    .subject = OneLine(row.subject),
                    .text = text_part(row.body_text, settings),
                    .html = html_part(row.subject, row.body_html, settings),
                    .written_at = row.created_at};
    return message;
}

Delivery Sender::State::deliver(const outbox::LetterRow& row, const std::stop_token& stop) const {
    Message message = message_of(row);
    if (!row.sealed_token.empty()) {
        auto token = settings.unseal(row.sealed_token);
        if (!token) return {Outcome::refused, "its token was sealed under another secret"};
        message.text = with_token(std::move(message.text), *token);
        message.html = with_token(std::move(message.html), *token);
    }
    return settings.deliver(message, stop);
}

void Sender::State::note(const outbox::LetterRow& row, const Delivery& delivery) {
    bool delivered = delivery.outcome == Outcome::delivered;
    auto work = [&](store::Tx& tx) -> std::optional<core::Time> {
        core::Time next =
            tx.now() + (delivery.outcome == Outcome::unreachable ? pause : retry_after(row.attempts));
        bool pointless = (row.good_until && next > *row.good_until) || next > row.created_at + given_up_after;
        if (delivered || delivery.outcome == Outcome::refused || pointless) {
            outbox::settle(tx, row.id, delivered ? "delivered" : "failed", delivery.reason);
            return {};
        }
        outbox::put_off(tx, row.id, next, delivery.reason);
        return next;
    };
    auto next = good(store::write_now(database, work));
    if (delivered) {
        spdlog::info("mail: delivered {} {}", row.kind, row.id.text());
    } else if (next) {
        spdlog::warn("mail: {} {} is tried again at {}: {}", row.kind, row.id.text(), core::to_rfc3339(*next),
                     core::quoted(delivery.reason));
    } else {
        spdlog::error("mail: {} {} is given up: {}", row.kind, row.id.text(), core::quoted(delivery.reason));
    }
}

void Sender::State::wait_for(const std::stop_token& stop, milliseconds wait) {
    std::unique_lock lock(mutex);
    // A server that can't be reached isn't tried more often because more letters come.
    bool paused = pause > pause_first;
    rung_or_stopped.wait_for(lock, stop, wait, [&] { return rung && !paused; });
    rung = false;
}

Sender::Sender(Settings settings, store::Database& database)
    : state_(std::make_unique<State>(std::move(settings), database)) {}

Sender::~Sender() {
    stop();
}

void Sender::start() {
    state_->thread =
        std::jthread([state = state_.get()](const std::stop_token& stop) { state->serve(stop); });
}

void Sender::stop() {
    state_->thread.request_stop();
    if (state_->thread.joinable()) state_->thread.join();
}

void Sender::on_commit(std::span<const store::Event> events) {
    if (std::ranges::none_of(events, [](const auto& event) { return event.type == queued_event; })) return;
    {
        std::lock_guard lock(state_->mutex);
        state_->rung = true;
    }
    state_->rung_or_stopped.notify_one();
}

std::size_t Sender::deliver_due_now() {
    std::size_t tried = 0;
    for (milliseconds wait{0}; wait.count() == 0 && state_->deliver_one({}, wait);)
        ++tried;
    return tried;
}

bool Sender::sweep(store::Tx& tx) {
    return outbox::delete_settled_before(tx, tx.now() - kept_after_settling, swept_at_once) == swept_at_once;
}

}  // namespace mail
