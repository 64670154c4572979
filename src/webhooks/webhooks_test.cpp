// Webhooks: what is copied for whom, what may be sent when, and which targets are refused. The sending itself
// is tested through a whole server (tests/api/webhooks.test.mjs).
#include "webhooks/webhooks.hpp"
#include "webhooks/queries.hpp"
#include "webhooks/signature.hpp"

#include "outbound/public_address.hpp"

#include "support/test_database.hpp"

namespace webhooks {
namespace {

using support::error_code;
using support::must;

EventPattern pattern(std::string_view text) {
    return EventPattern::from_text(text).value();
}

TEST(EventPattern, MatchesATypeAKindOrAll) {
    EXPECT_TRUE(pattern("order.placed").matches("order.placed"));
    EXPECT_FALSE(pattern("order.placed").matches("order.placed_again"));
    EXPECT_TRUE(pattern("order.*").matches("order.placed"));
    EXPECT_FALSE(pattern("order.*").matches("orders.placed"));
    EXPECT_TRUE(pattern("*").matches("stock.changed"));
    for (auto bad :
         {"", "order", "order.", ".placed", "order.pl*", "**", "Order.placed", "order.placed.twice"})
        EXPECT_FALSE(EventPattern::from_text(bad)) << bad;
}

TEST(EventPattern, KeepsTheProgramsOwnBusinessInside) {
    EXPECT_TRUE(is_told("order.placed"));
    for (auto inner : {"mail.queued", "session.revoked", "webhook.changed", "", "orders.placed"})
        EXPECT_FALSE(is_told(inner)) << inner;
}

TEST(EventId, IsAPlaceInTheLogAndSortsLikeIt) {
    EventId first({0, 7});
    EventId second({3, 2});
    EXPECT_EQ(first.text(), "evt_00000000000000000000000007");
    EXPECT_LT(first.text(), second.text());
    auto back = EventId::from_text(second.text()).value().position();
    EXPECT_EQ(back.transaction, 3);
    EXPECT_EQ(back.id, 2);
    for (auto bad : {"", "evt_", "evt_0000000000000000000000000u", "ord_00000000000000000000000007",
                     "evt_80000000000000000000000007", "evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"})
        EXPECT_FALSE(EventId::from_text(bad)) << bad;
}

// SE-16's outgoing half: no target inside the shop's own network.
TEST(PublicAddress, IsNothingReservedOrPrivate) {
    auto is_public_text = [](const char* text) {
        return outbound::is_public(boost::asio::ip::make_address(text));
    };
    for (auto good : {"1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:2800:220:1::1", "::ffff:8.8.8.8"})
        EXPECT_TRUE(is_public_text(good)) << good;
    for (auto bad :
         {"127.0.0.1",  "10.1.2.3",   "172.16.0.1", "172.31.255.255",   "192.168.1.1",     "169.254.169.254",
          "100.64.0.1", "0.0.0.0",    "224.0.0.1",  "255.255.255.255",  "198.19.0.1",      "::1",
          "::",         "fe80::1",    "fd00::1",    "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
          "2001::1",    "2001:db8::1"})
        EXPECT_FALSE(is_public_text(bad)) << bad;
}

TEST(EndpointUrl, IsAbsoluteAndHoldsNoPassword) {
    EXPECT_TRUE(EndpointUrl::from_text("https://shop.example/hooks?a=1"));
    for (auto bad : {"", "shop.example", "/hooks", "ftp://shop.example", "https://",
                     "https://me:secret@shop.example", "https://shop.example/#part"})
        EXPECT_FALSE(EndpointUrl::from_text(bad)) << bad;
    auto internal = [](const char* text) { return EndpointUrl::from_text(text).value().is_internal(); };
    EXPECT_FALSE(internal("https://shop.example"));
    EXPECT_TRUE(internal("http://shop.example"));
    EXPECT_TRUE(internal("https://127.0.0.1:8443"));
    EXPECT_TRUE(internal("https://[::1]/"));
}

TEST(Signature, IsOneForEachSecret) {
    std::vector<std::string> secrets{make_secret(), make_secret()};
    auto both = sign(secrets, "evt_1", core::Time{1'614'265'330'000}, "{}");
    auto first = sign(std::span(secrets).first(1), "evt_1", core::Time{1'614'265'330'000}, "{}");
    EXPECT_TRUE(both.starts_with(first + " v1,"));
    EXPECT_NE(first, sign(std::span(secrets).first(1), "evt_2", core::Time{1'614'265'330'000}, "{}"));
}

class WebhookRules : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        webhooks.emplace(Settings{.seal = [](std::string_view text) { return "sealed " + std::string(text); },
                                  .unseal = [](std::string_view sealed) -> std::optional<std::string> {
                                      return std::string(sealed.substr(7));
                                  }},
                         db());
    }
    Endpoint create(const std::vector<std::string_view>& events) {
        EndpointDraft draft{.url = EndpointUrl::trusted("https://shop.example/hooks")};
        for (auto event : events)
            draft.events.push_back(pattern(event));
        return must(write([&](store::Tx& tx) { return webhooks->create(tx, core::Caller{}, draft); }));
    }
    void happen(std::string type, std::string subject) {
        must(write([&](store::Tx& tx) { tx.append_event(type, subject, R"({"a":1})"); }));
    }
    std::vector<std::string> due_subjects(EndpointId endpoint) {
        std::vector<std::string> subjects;
        for (const auto& due : must(read([&](store::Tx& tx) { return queries::list_due(tx, endpoint, 10); })))
            subjects.push_back(due.type + " " + due.subject);
        return subjects;
    }
    // As the sender does for an event.
    void deliver_later(EndpointId endpoint, std::string type, std::string subject, std::int64_t log_id = 0) {
        must(write([&](store::Tx& tx) {
            queries::insert_delivery(tx, endpoint, log_id, {EventId({0, 1}), type, tx.now(), subject, {}},
                                     "{}");
        }));
    }

    std::optional<Webhooks> webhooks;
};
KONTOR_ON_BOTH_ENGINES(WebhookRules);

TEST_P(WebhookRules, BeginAtTheEndOfTheLog) {
    happen("order.placed", "before");
    auto endpoint = create({"order.*"});
    happen("order.placed", "after");
    auto seen = must(read([&](store::Tx& tx) {
        auto row = queries::find_endpoint(tx, endpoint.id).value();
        std::vector<std::string> subjects;
        for (const auto& logged : db().events_after(tx, row.cursor(), 10)) {
            if (is_told(logged.event.type)) subjects.push_back(logged.event.subject);
        }
        return subjects;
    }));
    EXPECT_EQ(seen, std::vector<std::string>{"after"});
}

TEST_P(WebhookRules, SendWhatWasCopiedLaterFirstIfItHappenedFirst) {
    auto endpoint = create({"*"});
    deliver_later(endpoint.id, "order.shipped", "one", 8);
    deliver_later(endpoint.id, "order.placed", "one", 7);
    deliver_later(endpoint.id, "order.delivered", "one", 9);
    EXPECT_EQ(due_subjects(endpoint.id), std::vector<std::string>{"order.placed one"});
}

TEST_P(WebhookRules, WhatCameWhileAnotherWasUnderWayIsDueBehindIt) {
    auto endpoint = create({"*"});
    deliver_later(endpoint.id, "order.placed", "one", 1);
    auto first = must(read([&](store::Tx& tx) { return queries::list_due(tx, endpoint.id, 1); })).at(0);
    must(write([&](store::Tx& tx) { queries::claim(tx, first, tx.now() + std::chrono::seconds(30)); }));
    deliver_later(endpoint.id, "order.shipped", "one", 2);
    EXPECT_EQ(due_subjects(endpoint.id), std::vector<std::string>{});
    must(write([&](store::Tx& tx) {
        queries::settle(tx, {first.number, endpoint.id, "one", 200, {}}, DeliveryState::delivered);
    }));
    EXPECT_EQ(due_subjects(endpoint.id), std::vector<std::string>{"order.shipped one"});
}

TEST_P(WebhookRules, SendEventsOfOneSubjectInTheirOrder) {
    auto endpoint = create({"*"});
    deliver_later(endpoint.id, "order.placed", "one");
    deliver_later(endpoint.id, "order.shipped", "one");
    deliver_later(endpoint.id, "order.placed", "two");
    EXPECT_EQ(due_subjects(endpoint.id), (std::vector<std::string>{"order.placed one", "order.placed two"}));

    auto first = must(read([&](store::Tx& tx) { return queries::list_due(tx, endpoint.id, 1); })).at(0);
    EXPECT_TRUE(must(write(
        [&](store::Tx& tx) { return queries::claim(tx, first, tx.now() + std::chrono::seconds(30)); })));
    EXPECT_FALSE(must(write(
        [&](store::Tx& tx) { return queries::claim(tx, first, tx.now() + std::chrono::seconds(30)); })));
    EXPECT_EQ(due_subjects(endpoint.id), std::vector<std::string>{"order.placed two"});

    queries::Outcome refused{first.number, endpoint.id, "one", 500, {}};
    must(write([&](store::Tx& tx) { queries::put_off(tx, refused, tx.now() + std::chrono::seconds(5)); }));
    clock.advance(std::chrono::seconds(6));
    EXPECT_EQ(due_subjects(endpoint.id), (std::vector<std::string>{"order.placed two", "order.placed one"}));

    must(write([&](store::Tx& tx) { queries::settle(tx, refused, DeliveryState::delivered); }));
    EXPECT_EQ(due_subjects(endpoint.id), (std::vector<std::string>{"order.placed two", "order.shipped one"}));
}

TEST_P(WebhookRules, AreRefusedInsideTheNetwork) {
    EndpointDraft draft{.url = EndpointUrl::trusted("http://127.0.0.1/hooks"), .events = {pattern("*")}};
    auto refused = write([&](store::Tx& tx) { return webhooks->create(tx, core::Caller{}, draft); });
    EXPECT_EQ(error_code(refused), core::ErrorCode::validation_failed);
}

TEST_P(WebhookRules, AreTwentyAtMost) {
    for (std::size_t i = 0; i < endpoints_max; ++i)
        create({"*"});
    EndpointDraft draft{.url = EndpointUrl::trusted("https://shop.example"), .events = {pattern("*")}};
    EXPECT_EQ(error_code(write([&](store::Tx& tx) { return webhooks->create(tx, core::Caller{}, draft); })),
              core::ErrorCode::conflict);
}

TEST_P(WebhookRules, KeepTheOldSecretForADay) {
    auto endpoint = create({"*"});
    auto secret = [&] {
        return must(read([&](store::Tx& tx) { return webhooks->get_secret(tx, {endpoint.id}); }));
    };
    auto old = secret();
    EXPECT_FALSE(old.previous_until);
    must(write([&](store::Tx& tx) { return webhooks->rotate_secret(tx, {endpoint.id}); }));
    EXPECT_NE(secret().secret, old.secret);
    EXPECT_TRUE(secret().previous_until);
}

TEST_P(WebhookRules, TellTheFeedWhatIsPublicInPages) {
    must(write([](store::Tx& tx) {
        tx.append_event("order.placed", "one");
        tx.append_event("mail.queued", "secret");
        tx.append_event("order.shipped", "one");
    }));
    auto feed = [&](const FeedQuery& query) {
        return must(read([&](store::Tx& tx) { return webhooks->read_feed(tx, query); }));
    };
    auto first = feed({.limit = core::PageLimit(1)});
    ASSERT_EQ(first.data.size(), 1U);
    EXPECT_EQ(first.data[0].type, "order.placed");
    EXPECT_TRUE(first.has_more);
    auto rest = feed({.after = first.next});
    ASSERT_EQ(rest.data.size(), 1U);
    EXPECT_EQ(rest.data[0].type, "order.shipped");
    EXPECT_FALSE(rest.has_more);
    auto nothing = feed({.after = rest.next});
    EXPECT_TRUE(nothing.data.empty());
    EXPECT_EQ(nothing.next->text(), rest.next->text());
}

}  // namespace
}  // namespace webhooks
