#include "mail/layout.hpp"
#include "mail/mail.hpp"
#include "mail/outbox.hpp"

#include "core/log.hpp"
#include "core/or_throw.hpp"
#include "outbound/backoff.hpp"
#include "outbound/worker.hpp"

namespace mail {
namespace {

using core::or_throw;
using std::chrono::milliseconds;
using Outcome = Delivery::Outcome;

constexpr std::string_view queued_event = "mail.queued";

// Longer than any delivery; a node that died while it delivered holds its letter no longer.
constexpr std::chrono::seconds lease{90};
constexpr outbound::Backoff retry{std::chrono::seconds{15}, std::chrono::hours{1}};
constexpr std::chrono::hours given_up_after{
    3 * 24};                               // what mail servers do themselves (RFC 5321 §4.5.4.1: 4-5 days)
constexpr milliseconds pause_first{1000};  // of the whole sender, when the server can't be reached
constexpr milliseconds pause_last{60'000};
constexpr milliseconds look_every{5000};  // catches letters that other nodes queued
constexpr std::chrono::hours kept_after_settling{30 * 24};
constexpr std::int64_t swept_at_once = 500;

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
    milliseconds pause = pause_first;
    std::atomic<bool> paused{
        false};  // the server can't be reached: it isn't tried more often for more letters
    outbound::Worker worker{"mail", [this](const std::stop_token& stop) { return round(stop); }};

    milliseconds round(const std::stop_token& stop);
    bool deliver_one(const std::stop_token& stop, milliseconds& wait);
    Message message_of(const outbox::LetterRow& row) const;
    Delivery deliver(const outbox::LetterRow& row, const std::stop_token& stop) const;
    void note(const outbox::LetterRow& row, const Delivery& delivery);
};

// A letter, or nothing if none is due.
milliseconds Sender::State::round(const std::stop_token& stop) {
    milliseconds wait{0};
    deliver_one(stop, wait);
    return wait;
}

// False if nothing was due. `wait`: how long nothing will be, or should be tried.
bool Sender::State::deliver_one(const std::stop_token& stop, milliseconds& wait) {
    auto due = [&](store::Tx& tx) {
        auto next = outbox::find_next_due(tx);
        return next ? *next - tx.now() : look_every;
    };
    wait = std::clamp(or_throw(store::read_now(database, due)), milliseconds(0), look_every);
    if (wait.count() > 0) return false;
    auto row = or_throw(
        store::write_now(database, [&](store::Tx& tx) { return outbox::claim(tx, tx.now() + lease); }));
    if (!row) return true;  // another node was quicker
    Delivery delivery = deliver(*row, stop);
    note(*row, delivery);
    if (delivery.outcome == Outcome::unreachable) {
        wait = pause;
        pause = std::min(pause * 2, pause_last);
    } else {
        pause = pause_first;
    }
    paused = delivery.outcome == Outcome::unreachable;
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
            tx.now() + (delivery.outcome == Outcome::unreachable ? pause : retry.after(row.attempts));
        bool pointless = (row.good_until && next > *row.good_until) || next > row.created_at + given_up_after;
        if (delivered || delivery.outcome == Outcome::refused || pointless) {
            outbox::settle(tx, row.id, delivered ? "delivered" : "failed", delivery.reason);
            return {};
        }
        outbox::put_off(tx, row.id, next, delivery.reason);
        return next;
    };
    auto next = or_throw(store::write_now(database, work));
    if (delivered) {
        spdlog::info("mail: delivered {} {}", row.kind, row.id.text());
    } else if (next) {
        spdlog::warn("mail: {} {} is tried again at {}: {}", row.kind, row.id.text(), core::to_rfc3339(*next),
                     core::quoted(delivery.reason));
    } else {
        spdlog::error("mail: {} {} is given up: {}", row.kind, row.id.text(), core::quoted(delivery.reason));
    }
}

Sender::Sender(Settings settings, store::Database& database)
    : state_(std::make_unique<State>(std::move(settings), database)) {}

Sender::~Sender() {
    stop();
}

void Sender::start() {
    state_->worker.start();
}

void Sender::stop() {
    state_->worker.stop();
}

void Sender::on_commit(std::span<const store::Event> events) {
    if (state_->paused) return;
    if (std::ranges::any_of(events, [](const auto& event) { return event.type == queued_event; }))
        state_->worker.wake();
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
