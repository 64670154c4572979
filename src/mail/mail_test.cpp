// Letters: queued with what they tell of, delivered once, tried again with back-off, and never a header more
// than meant.
#include "mail/mail.hpp"

#include "support/test_database.hpp"

namespace mail {
namespace {

using support::must;
using Outcome = Delivery::Outcome;

core::Email email(std::string_view text) {
    return core::Email::from_text(text).value();
}

class Mail : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        Settings settings{.from = email("shop@example.com"),
                          .shop_name = "Mug & Lamp",
                          .unseal = [](std::string_view sealed) -> std::optional<std::string> {
                              if (sealed != "sealed") return {};
                              return "secret-token";
                          },
                          .deliver =
                              [this](const Message& message, const std::stop_token&) {
                                  delivered.push_back(message);
                                  return Delivery{outcome,
                                                  outcome == Outcome::delivered ? "" : "the server says no"};
                              }};
        sender.emplace(std::move(settings), db());
    }
    void TearDown() override { sender.reset(); }

    static Letter letter(std::string event = "order.placed 1") {
        return {.event = std::move(event),
                .kind = "order_placed",
                .to = email("ann@example.com"),
                .subject = OneLine("Your order"),
                .blocks = {Paragraph{"Thank you."}}};
    }
    void queue_now(const Letter& letter) {
        must(write([&](store::Tx& tx) { queue(tx, letter); }));
    }
    std::string state_of_the_letter() {
        return must(read([](store::Tx& tx) { return tx.get<std::string>("select state from mail_outbox"); }));
    }

    Outcome outcome = Outcome::delivered;
    std::vector<Message> delivered;
    std::optional<Sender> sender;
};
KONTOR_ON_BOTH_ENGINES(Mail);

TEST_P(Mail, IsDeliveredOnceForAnEvent) {
    queue_now(letter());
    queue_now(letter());
    queue_now(letter("order.placed 2"));
    EXPECT_EQ(sender->deliver_due_now(), 2U);
    EXPECT_EQ(sender->deliver_due_now(), 0U);
    queue_now(letter());
    EXPECT_EQ(sender->deliver_due_now(), 0U);
}

TEST_P(Mail, IsNotWrittenIfWhatItTellsOfWasRolledBack) {
    auto refused = write([&](store::Tx& tx) -> core::Result<void> {
        queue(tx, letter());
        return core::fail(core::ErrorCode::conflict);
    });
    EXPECT_FALSE(refused);
    EXPECT_EQ(sender->deliver_due_now(), 0U);
}

TEST_P(Mail, HasBothFormsOfTheSameWords) {
    Letter order = letter();
    order.blocks = {Paragraph{"Hello <b>Ann</b> & Bob"}, Facts{{{"Total", "19.99 EUR"}}},
                    Link{"See it", "https://shop.example/orders?a=1&b=2"}};
    queue_now(order);
    sender->deliver_due_now();
    const Message& message = delivered.at(0);
    EXPECT_EQ(message.text,
              "Hello <b>Ann</b> & Bob\n\nTotal: 19.99 EUR\n\nSee "
              "it:\nhttps://shop.example/orders?a=1&b=2\n\n-- \nMug & "
              "Lamp\n");
    EXPECT_NE(message.html.find("Hello &lt;b&gt;Ann&lt;/b&gt; &amp; Bob"), std::string::npos);
    EXPECT_NE(message.html.find("href=\"https://shop.example/orders?a=1&amp;b=2\""), std::string::npos);
}

TEST_P(Mail, HoldsASecretOnlyWhenItIsDelivered) {
    Letter reset = letter();
    reset.blocks = {Paragraph{"A name that tries: \x1A"},
                    Link{"Reset", "https://shop.example/reset", "sealed"}};
    queue_now(reset);
    auto stored = must(read([](store::Tx& tx) {
        return tx.get<std::string>("select body_text || body_html || sealed_token from mail_outbox");
    }));
    EXPECT_EQ(stored.find("secret-token"), std::string::npos);
    sender->deliver_due_now();
    EXPECT_NE(delivered.at(0).text.find("https://shop.example/reset#token=secret-token\n"),
              std::string::npos);
    EXPECT_NE(delivered.at(0).text.find("tries: \n"), std::string::npos);
    EXPECT_NE(delivered.at(0).html.find("https://shop.example/reset#token=secret-token\""),
              std::string::npos);
    EXPECT_EQ(
        must(read([](store::Tx& tx) {
            return tx.get<std::string>("select body_text || body_html || sealed_token from mail_outbox");
        })),
        "");
}

TEST_P(Mail, IsTriedAgainLaterAndLater) {
    queue_now(letter());
    outcome = Outcome::put_off;
    EXPECT_EQ(sender->deliver_due_now(), 1U);
    for (auto wait : {15, 45, 135}) {
        clock.advance(std::chrono::seconds(wait - 1));
        EXPECT_EQ(sender->deliver_due_now(), 0U) << wait;
        clock.advance(std::chrono::milliseconds(1100));
        EXPECT_EQ(sender->deliver_due_now(), 1U) << wait;
    }
    outcome = Outcome::delivered;
    clock.advance(std::chrono::hours(1));
    EXPECT_EQ(sender->deliver_due_now(), 1U);
    EXPECT_EQ(state_of_the_letter(), "delivered");
    EXPECT_EQ(delivered.front().headers(), delivered.back().headers());  // one Message-ID and Date
}

TEST_P(Mail, IsGivenUpWhenRefusedForGood) {
    queue_now(letter());
    outcome = Outcome::refused;
    EXPECT_EQ(sender->deliver_due_now(), 1U);
    EXPECT_EQ(state_of_the_letter(), "failed");
}

TEST_P(Mail, IsGivenUpAfterThreeDaysOrWhenItSaysNothingAnyMore) {
    Letter reset = letter("user.password_forgotten 1");
    reset.good_until = clock.now() + std::chrono::minutes(30);
    queue_now(reset);
    outcome = Outcome::unreachable;
    sender->deliver_due_now();
    EXPECT_EQ(state_of_the_letter(), "waiting");
    clock.advance(std::chrono::minutes(31));
    sender->deliver_due_now();
    EXPECT_EQ(state_of_the_letter(), "failed");
}

TEST_P(Mail, OfAnErasedPersonIsForgotten) {
    queue_now(letter());
    must(write([](store::Tx& tx) { forget_letters_to(tx, email("ANN@example.com")); }));
    EXPECT_EQ(sender->deliver_due_now(), 0U);
    EXPECT_EQ(must(read([](store::Tx& tx) {
                  return tx.get<std::string>("select recipient_key || subject || body_text from mail_outbox");
              })),
              "");
}

TEST_P(Mail, SettledLongAgoIsForgotten) {
    queue_now(letter());
    sender->deliver_due_now();
    EXPECT_FALSE(must(write([](store::Tx& tx) { return Sender::sweep(tx); })));
    EXPECT_EQ(state_of_the_letter(), "delivered");
    clock.advance(std::chrono::hours(31 * 24));
    must(write([](store::Tx& tx) { return Sender::sweep(tx); }));
    EXPECT_EQ(must(read([](store::Tx& tx) { return tx.get<int>("select count(*) from mail_outbox"); })), 0);
}

// Header injection in mail fields: the type that headers are made of can't hold a line break.
TEST(OneLine, HoldsNoLineBreak) {
    EXPECT_EQ(OneLine("Hi\r\nBcc: everybody@example.com").str(), "Hi  Bcc: everybody@example.com");
    EXPECT_EQ(OneLine(std::string_view("a\0b\x7F\tc", 6)).str(), "a b  c");
}

TEST(OneLine, IsEncodedWhereItIsMoreThanPlain) {
    EXPECT_EQ(OneLine("Order 1001 of Mug-Shop").encoded(), "Order 1001 of Mug-Shop");
    EXPECT_EQ(OneLine("Grüße").encoded(), "=?UTF-8?B?R3LDvMOfZQ==?=");
    EXPECT_EQ(OneLine("a, b <c@example.com>").encoded(), "=?UTF-8?B?YSwgYiA8Y0BleGFtcGxlLmNvbT4=?=");
    EXPECT_EQ(OneLine("=?UTF-8?B?YQ==?=").encoded().substr(0, 10), "=?UTF-8?B?");
}

TEST(OneLine, IsCutBetweenCharactersBeforeALineGetsTooLong) {
    std::string long_one;
    for (int i = 0; i < 400; ++i)
        long_one += "é";
    OneLine line(long_one);
    EXPECT_EQ(line.str().size(), 480U);
    EXPECT_LT(line.encoded().size(), 900U);
    for (std::size_t at = 0; (at = line.encoded().find("=?UTF-8?B?", at)) != std::string::npos; at += 10) {
        EXPECT_LE(line.encoded().find("?=", at + 10) + 2 - at, 75U);
    }
}

}  // namespace
}  // namespace mail
