#include "webhooks/queries.hpp"
#include "webhooks/signature.hpp"
#include "webhooks/webhooks.hpp"

#include "core/json_write.hpp"
#include "core/log.hpp"
#include "core/or_throw.hpp"
#include "outbound/backoff.hpp"
#include "outbound/transfers.hpp"
#include "outbound/worker.hpp"

#include <map>

namespace webhooks {
namespace {

using core::or_throw;
using outbound::HttpAnswer;
using queries::EndpointRow;
using queries::Outcome;
using std::chrono::milliseconds;

constexpr int page_events = 500;
constexpr std::int64_t under_way_max =
    8;  // of one endpoint: a slow one holds up nobody else, and isn't flooded
constexpr milliseconds held_back_for{20};
constexpr milliseconds look_every{2000};  // catches what other nodes committed
constexpr std::chrono::seconds lease{
    30};  // longer than any exchange: a node that died holds a delivery no longer
constexpr outbound::Backoff retry{std::chrono::seconds{5}, std::chrono::hours{4}};
constexpr std::chrono::hours given_up_after{3 * 24};
constexpr std::chrono::hours kept_after_settling{30 * 24};
constexpr std::int64_t swept_at_once = 500;
constexpr std::int64_t status_gone = 410;  // Standard Webhooks: the receiver wants no more of it

bool wants(const std::vector<EventPattern>& patterns, std::string_view type) {
    return is_told(type) &&
           std::ranges::any_of(patterns, [&](const auto& pattern) { return pattern.matches(type); });
}

// A delivery that was sent: what settling it needs to know.
struct Sent {
    EndpointId endpoint;
    std::string subject;
    std::string event_id;
    std::int64_t attempts;
    core::Time created_at;
};

outbound::Reach reach_of(const Settings& settings) {
    return settings.allows_internal ? outbound::Reach::anywhere : outbound::Reach::public_addresses;
}

}  // namespace

struct Sender::State {
    State(Settings given, store::Database& db)
        : settings(std::move(given)), database(db), transfers(reach_of(settings)) {}

    const Settings settings;
    store::Database& database;
    outbound::Transfers transfers;
    std::map<std::int64_t, Sent> sent;  // by number, without an answer yet
    std::atomic<bool> anybody{true};    // whether there are endpoints, as far as this node knows
    outbound::Worker worker{"webhooks", [this](const std::stop_token& stop) { return round(stop); }};

    enum class News { none, waiting, held_back };
    struct Due {
        std::vector<queries::DueDelivery> deliveries;
        milliseconds look_again;
    };

    milliseconds round(const std::stop_token& stop);
    milliseconds work();
    News look_for_news(store::Tx& tx, const EndpointRow& endpoint);
    bool copy_events(EndpointId id);
    Due find_due(store::Tx& tx, EndpointId id, std::int64_t most);
    milliseconds send_due(const EndpointRow& endpoint);
    void post(const EndpointRow& endpoint, const queries::DueDelivery& due);
    void note(const std::vector<HttpAnswer>& answers);
    void note_one(store::Tx& tx, const HttpAnswer& answer, const Sent& one);
    void give_back();
};

// Waits where answers come in, so that there is nothing to wait for between two rounds. Whatever goes wrong
// with the database is tried again: nothing is forgotten that has not been settled in it.
milliseconds Sender::State::round(const std::stop_token& stop) {
    auto wait = work();
    if (!stop.stop_requested()) note(transfers.wait(wait));
    return milliseconds(0);
}

// Copies what is new, then sends what is due, and tells how long there is nothing else to do.
milliseconds Sender::State::work() {
    auto endpoints = or_throw(store::read_now(database, queries::list_endpoints));
    std::erase_if(endpoints, [](const auto& row) { return row.status == EndpointStatus::disabled; });
    anybody = !endpoints.empty();
    milliseconds wait = look_every;
    for (const auto& endpoint : endpoints) {
        auto news =
            or_throw(store::read_now(database, [&](store::Tx& tx) { return look_for_news(tx, endpoint); }));
        if (news == News::waiting && copy_events(endpoint.id)) {
            wait = milliseconds(0);
            continue;
        }
        if (news == News::held_back) wait = std::min(wait, held_back_for);
        wait = std::min(wait, send_due(endpoint));
    }
    return wait;
}

Sender::State::News Sender::State::look_for_news(store::Tx& tx, const EndpointRow& endpoint) {
    if (!database.events_after(tx, endpoint.cursor(), 1).empty()) return News::waiting;
    return database.lowest_id_after(tx, endpoint.cursor()) ? News::held_back : News::none;
}

// One page of the log, from where this endpoint is. True if there may be more.
bool Sender::State::copy_events(EndpointId id) {
    return or_throw(store::write_now(database, [&](store::Tx& tx) {
        auto endpoint = queries::find_endpoint(tx, id);
        if (!endpoint) return false;
        auto page = database.events_after(tx, endpoint->cursor(), page_events);
        if (page.empty() || !queries::move_cursor(tx, id, endpoint->cursor(), page.back().position))
            return false;
        auto patterns = endpoint->patterns();
        for (const auto& logged : page) {
            if (!wants(patterns, logged.event.type)) continue;
            auto told = tell(logged);
            queries::insert_delivery(tx, id, logged.event.id, told, core::to_json(told));
        }
        return page.size() == static_cast<std::size_t>(page_events);
    }));
}

// What is due to this endpoint, in one snapshot of the log and of what was copied of it: an event that has
// been committed but not copied yet, of the same subject and an earlier one, goes first.
Sender::State::Due Sender::State::find_due(store::Tx& tx, EndpointId id, std::int64_t most) {
    auto endpoint = queries::find_endpoint(tx, id);
    auto next = queries::find_next_due(tx, id);
    if (!endpoint || !next) return {{}, look_every};
    if (*next > tx.now()) return {{}, *next - tx.now()};
    Due due{queries::list_due(tx, id, most), look_every};
    auto not_copied = database.lowest_id_after(tx, endpoint->cursor());
    auto too_early = [&](const auto& one) { return not_copied && one.log_id > *not_copied; };
    if (std::erase_if(due.deliveries, too_early) > 0) due.look_again = held_back_for;
    return due;
}

// Sends what is due to this endpoint, and tells how long nothing else will be.
milliseconds Sender::State::send_due(const EndpointRow& endpoint) {
    auto busy =
        std::ranges::count_if(sent, [&](const auto& one) { return one.second.endpoint == endpoint.id; });
    if (busy >= under_way_max) return look_every;  // an answer ends the wait
    auto due = or_throw(store::read_now(
        database, [&](store::Tx& tx) { return find_due(tx, endpoint.id, under_way_max - busy); }));
    if (due.deliveries.empty()) return due.look_again;
    auto claimed = or_throw(store::write_now(database, [&](store::Tx& tx) {
        auto ours = due.deliveries;
        std::erase_if(ours, [&](const auto& one) { return !queries::claim(tx, one, tx.now() + lease); });
        return ours;
    }));
    for (const auto& one : claimed)
        post(endpoint, one);
    return due.look_again;
}

void Sender::State::post(const EndpointRow& endpoint, const queries::DueDelivery& due) {
    auto now = core::Clock().now();
    std::vector<std::string> secrets;
    if (auto secret = settings.unseal(endpoint.sealed_secret)) secrets.push_back(std::move(*secret));
    if (endpoint.sealed_old_secret && endpoint.old_secret_until > now) {
        if (auto secret = settings.unseal(*endpoint.sealed_old_secret)) secrets.push_back(std::move(*secret));
    }
    sent[due.number] = {endpoint.id, due.subject, due.event_id, due.attempts + 1, due.created_at};
    if (secrets.empty()) {
        note({{.number = due.number,
               .error = "its secret was stored under another KONTOR_SECRET: rotate it"}});
        return;
    }
    transfers.start({.number = due.number,
                     .url = endpoint.url,
                     .headers = {"content-type: application/json", "webhook-id: " + due.event_id,
                                 "webhook-timestamp: " + std::to_string(now.ms / 1000),
                                 "webhook-signature: " + sign(secrets, due.event_id, now, due.body)},
                     .body = due.body});
}

// An answer that can't be noted is as good as none: its delivery is sent again when the lease ends.
void Sender::State::note(const std::vector<HttpAnswer>& answers) {
    if (answers.empty()) return;
    std::vector<std::pair<HttpAnswer, Sent>> settled;
    for (const HttpAnswer& answer : answers)
        settled.emplace_back(answer, std::move(sent.extract(answer.number).mapped()));
    or_throw(store::write_now(database, [&](store::Tx& tx) {
        for (const auto& [answer, one] : settled)
            note_one(tx, answer, one);
    }));
}

void Sender::State::note_one(store::Tx& tx, const HttpAnswer& answer, const Sent& one) {
    Outcome outcome{answer.number, one.endpoint, one.subject, answer.status, answer.error};
    if (answer.is_success()) {
        queries::settle(tx, outcome, DeliveryState::delivered);
        return;
    }
    if (answer.status == status_gone) queries::disable(tx, one.endpoint);
    auto next = tx.now() + retry.after(one.attempts);
    bool given_up = answer.status == status_gone || next > one.created_at + given_up_after;
    if (given_up) {
        queries::settle(tx, outcome, DeliveryState::failed);
    } else {
        queries::put_off(tx, outcome, next);
    }
    spdlog::warn("webhooks: {} was not taken by {} ({}), {}", one.event_id, one.endpoint.text(),
                 answer.status ? "status " + std::to_string(*answer.status) : core::quoted(*answer.error),
                 given_up ? "and is given up" : "and is tried again at " + core::to_rfc3339(next));
}

// What is broken off by a stop is due again at once.
void Sender::State::give_back() {
    if (sent.empty()) return;
    auto given = store::write_now(database, [&](store::Tx& tx) {
        for (const auto& [number, one] : sent)
            queries::put_off(tx, {number, one.endpoint, one.subject, {}, "the server stopped"}, tx.now());
    });
    if (!given) spdlog::warn("webhooks: {} deliveries wait for their lease", sent.size());
    sent.clear();
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
    state_->worker.request_stop();
    state_->transfers.wake();
    state_->worker.stop();
    state_->give_back();
}

void Sender::on_commit(std::span<const store::Event> events) {
    auto concerns = [&](const store::Event& event) {
        return event.type == "webhook.changed" || (state_->anybody && is_told(event.type));
    };
    if (std::ranges::any_of(events, concerns)) state_->transfers.wake();
}

bool Sender::sweep(store::Tx& tx) {
    return queries::delete_settled_before(tx, tx.now() - kept_after_settling, swept_at_once) == swept_at_once;
}

}  // namespace webhooks
