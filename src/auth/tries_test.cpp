// Guessing is slowed down and stopped (SE-4), without locking anybody out who isn't guessing.
#include "auth/tries.hpp"
#include "auth/fixture_test.hpp"

namespace auth {
namespace {

using core::ErrorCode;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using support::error_code;
using support::must;

class Guessing : public AuthFixture {
protected:
    static core::Caller from(std::string ip) {
        core::Caller caller = guest();
        caller.ip = std::move(ip);
        return caller;
    }
    std::optional<ErrorCode> guess(std::string_view email, const core::Caller& caller) {
        auto answer = begin_log_in(email, "wrong horse", caller);
        return answer ? std::nullopt : std::optional(answer.error().code);
    }
    core::Result<void> take(const TryLimit& limit) {
        return write([&](store::Tx& tx) { return take_try(tx, "subject", limit); });
    }
    std::int64_t seconds_to_wait(const TryLimit& limit) {
        return take(limit).error().extra.at("retry_after_seconds").as_int64();
    }
};
KONTOR_ON_BOTH_ENGINES(Guessing);

TEST_P(Guessing, PausesGrowAndStopForADay) {
    for (int i = 0; i < 10; ++i)
        must(take(password_tries));
    std::int64_t expected = 30;
    for (int failures = 10; failures < 100; ++failures) {
        ASSERT_EQ(seconds_to_wait(password_tries), expected) << failures;
        clock.advance(seconds(expected - 1));
        ASSERT_FALSE(take(password_tries));
        clock.advance(seconds(1));
        must(take(password_tries));
        expected = std::min<std::int64_t>(expected * 2, 3600);
    }
    EXPECT_EQ(seconds_to_wait(password_tries), 24 * 3600);  // a hundred in a row
    clock.advance(hours(24));
    for (int i = 0; i < 10; ++i)
        must(take(password_tries));  // it begins anew
}

TEST_P(Guessing, IsCountedBeforeItIsAnswered) {
    std::atomic<int> taken = 0;
    {
        std::vector<std::jthread> guessers;
        for (int i = 0; i < 30; ++i)
            guessers.emplace_back([&] { taken += take(password_tries).has_value(); });
    }
    EXPECT_EQ(taken, 10);
}

TEST_P(Guessing, IsForgottenAfterADayAndWhenItIsRight) {
    for (int i = 0; i < 9; ++i)
        must(take(password_tries));
    clock.advance(hours(24));
    for (int i = 0; i < 9; ++i)
        must(take(password_tries));
    must(write([](store::Tx& tx) { forget_tries(tx, "subject"); }));
    for (int i = 0; i < 10; ++i)
        must(take(password_tries));
    EXPECT_FALSE(take(password_tries));
}

TEST_P(Guessing, AnAccountsPasswordIsSlowedDownWhetherItExistsOrNot) {
    must(sign_up("ann@example.com"));
    for (const char* email : {"ann@example.com", "nobody@example.com"}) {
        for (int i = 0; i < 10; ++i)
            EXPECT_EQ(guess(email, from("198.51.100.7")), ErrorCode::invalid_credentials);
        EXPECT_EQ(guess(email, from("198.51.100.7")), ErrorCode::rate_limited);
        EXPECT_EQ(guess(email, from("198.51.100.8")), ErrorCode::rate_limited);
    }
    auto right = begin_log_in("ann@example.com", "correct horse", from("198.51.100.7"));
    EXPECT_EQ(error_code(right), ErrorCode::rate_limited);
}

// SE-4: what an address may have in an hour, also when it asks for all of it at once.
TEST_P(Guessing, AnAddressGetsSoManyOfSomethingInAnHour) {
    auto take_one_now = [&] { return write([](store::Tx& tx) { return take_one(tx, "letters:x", 5); }); };
    std::atomic<int> taken = 0;
    {
        std::vector<std::jthread> askers;
        for (int i = 0; i < 12; ++i)
            askers.emplace_back([&] { taken += take_one_now().has_value(); });
    }
    EXPECT_EQ(taken, 5);
    clock.advance(minutes(40));
    auto refused = take_one_now();
    ASSERT_EQ(error_code(refused), ErrorCode::rate_limited);
    EXPECT_EQ(refused.error().extra.at("retry_after_seconds").as_int64(), 20 * 60);
    clock.advance(minutes(20));
    for (int i = 0; i < 5; ++i)
        must(take_one_now());
    EXPECT_FALSE(take_one_now());
}

// Who floods and waits for the answers gets few of them.
TEST_P(Guessing, IsToldNoSlowly) {
    Settings slow = settings();
    slow.refusal_delay = std::chrono::milliseconds{200};
    use(slow);
    for (int i = 0; i < 10; ++i)
        guess("ann@example.com", guest());
    auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(guess("ann@example.com", guest()), ErrorCode::rate_limited);
    EXPECT_GE(std::chrono::steady_clock::now() - start, slow.refusal_delay);
}

TEST_P(Guessing, NeitherLocksTheOwnerOutNorAnybodyElse) {
    must(sign_up("ann@example.com"));  // from 192.0.2.1, as guest() calls
    must(sign_up("bob@example.com"));
    for (int i = 0; i < 11; ++i)
        guess("ann@example.com", from("198.51.100.7"));
    EXPECT_TRUE(log_in("ann@example.com"));  // where she was before
    EXPECT_TRUE(begin_log_in("bob@example.com", "correct horse", from("198.51.100.9")));  // another account
    EXPECT_EQ(guess("ann@example.com", from("198.51.100.9")),
              ErrorCode::rate_limited);  // her log-in cleared nothing
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(guess("ann@example.com", guest()), ErrorCode::invalid_credentials);
    EXPECT_EQ(guess("ann@example.com", guest()), ErrorCode::rate_limited);
}

TEST_P(Guessing, ALogInForgivesTheFailuresBeforeIt) {
    must(sign_up("ann@example.com"));
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 9; ++i)
            EXPECT_EQ(guess("ann@example.com", guest()), ErrorCode::invalid_credentials);
        must(log_in("ann@example.com"));
    }
}

TEST_P(Guessing, AnAddressPausesHoweverManyAccountsItTries) {
    Settings strict = settings();
    strict.address_failures = 20;
    use(strict);
    must(sign_up("ann@example.com"));
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(guess("user" + std::to_string(i) + "@example.com", from("198.51.100.7")),
                  ErrorCode::invalid_credentials);
        // Logging in between gives back its own try and no other.
        if (i < 19) must(begin_log_in("ann@example.com", "correct horse", from("198.51.100.7")));
    }
    EXPECT_EQ(guess("another@example.com", from("198.51.100.7")), ErrorCode::rate_limited);
    EXPECT_EQ(guess("another@example.com", from("198.51.100.8")), ErrorCode::invalid_credentials);
    clock.advance(hours(1));
    EXPECT_EQ(guess("another@example.com", from("198.51.100.7")), ErrorCode::invalid_credentials);
}

TEST_P(Guessing, OnesOwnPasswordWithAStolenTokenIsSlowedDownToo) {
    SignedIn ann = must(sign_up("ann@example.com"));
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(error_code(change_password(caller_of(ann), "wrong horse", "another horse")),
                  ErrorCode::invalid_credentials);
    EXPECT_EQ(error_code(change_password(caller_of(ann), "correct horse", "another horse")),
              ErrorCode::rate_limited);
    EXPECT_TRUE(log_in("ann@example.com"));
}

TEST_P(Guessing, LeavesNothingBehind) {
    must(take(password_tries));
    clock.advance(hours(49));
    must(write([](store::Tx& tx) -> core::Result<bool> { return sweep_tries(tx); }));
    EXPECT_EQ(must(read([](store::Tx& tx) { return tx.get<std::int64_t>("select count(*) from tries"); })),
              0);
}

// A flood gets its no before it costs a read (SE-4): as many as may wait are let on, and no more.
TEST(HashingQueue, HasAnEnd) {
    core::start_crypto();
    Settings settings;
    settings.hash_queue_max = 3;
    PasswordHasher hasher(settings);
    std::vector<PasswordHasher::Turn> turns;
    for (int i = 0; i < 3; ++i)
        turns.push_back(must(hasher.take_turn()));
    EXPECT_EQ(error_code(hasher.take_turn()), ErrorCode::overloaded);
    turns.pop_back();
    turns.back().give_back();
    EXPECT_TRUE(hasher.take_turn());
    EXPECT_TRUE(hasher.take_turn());
}

TEST(AddressSubject, IsAnAddressOrASubscribersNetwork) {
    EXPECT_EQ(address_subject("192.0.2.1"), "address:192.0.2.1");
    EXPECT_EQ(address_subject("::ffff:192.0.2.1"), "address:192.0.2.1");
    EXPECT_EQ(address_subject("2001:db8:1:2:3:4:5:6"), "address:2001:db8:1:2::/64");
}

}  // namespace
}  // namespace auth
