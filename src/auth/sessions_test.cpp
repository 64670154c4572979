// Refresh tokens (SE-9) and the end of sessions (SE-10): rotation, replay, reuse, age, revocation.
#include "auth/fixture_test.hpp"

namespace auth {
namespace {

using core::ErrorCode;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using support::error_code;
using support::must;

class Session : public AuthFixture {};
KONTOR_ON_BOTH_ENGINES(Session);

TEST_P(Session, RefreshTokensAreRotated) {
    SignedIn first = must(sign_up("ann@example.com"));
    EXPECT_EQ(core::from_base64url(first.refresh_token)->size(), 32u);
    clock.advance(minutes(1));
    SignedIn second = must(refresh(first.refresh_token));
    EXPECT_NE(second.refresh_token, first.refresh_token);
    EXPECT_NE(second.access_token, first.access_token);
    EXPECT_EQ(caller_of(second).session, caller_of(first).session);
    EXPECT_EQ(second.user.email, "ann@example.com");
    EXPECT_EQ(second.expires_in, 900);
}

TEST_P(Session, NothingReadableIsStored) {
    SignedIn first = must(sign_up("ann@example.com"));
    SignedIn second = must(refresh(first.refresh_token));
    constexpr store::Sql sql =
        "select hash || coalesce(predecessor, '') || coalesce(sealed_successor, '') from refresh_tokens";
    for (const auto& row : must(read([&](store::Tx& tx) { return tx.list<std::string>(sql); }))) {
        EXPECT_EQ(row.find(first.refresh_token), std::string::npos);
        EXPECT_EQ(row.find(second.refresh_token), std::string::npos);
        EXPECT_EQ(row.find(second.access_token), std::string::npos);
    }
}

TEST_P(Session, ALostAnswerIsReplayedForTenSeconds) {
    SignedIn first = must(sign_up("ann@example.com"));
    SignedIn second = must(refresh(first.refresh_token));
    clock.advance(seconds(9));
    SignedIn replayed = must(refresh(first.refresh_token));
    EXPECT_EQ(replayed.refresh_token, second.refresh_token);
    EXPECT_EQ(replayed.access_token, second.access_token);

    clock.advance(seconds(2));
    EXPECT_EQ(error_code(refresh(first.refresh_token)), ErrorCode::refresh_token_reused);
}

TEST_P(Session, AReplayNeedsNoMemory) {
    SignedIn first = must(sign_up("ann@example.com"));
    SignedIn second = must(refresh(first.refresh_token));
    restart();
    EXPECT_EQ(must(refresh(first.refresh_token)).refresh_token, second.refresh_token);
}

TEST_P(Session, ReuseEndsTheSessionButNoOther) {
    SignedIn stolen = must(sign_up("ann@example.com"));
    SignedIn other = must(log_in("ann@example.com"));
    SignedIn second = must(refresh(stolen.refresh_token));
    clock.advance(seconds(11));
    EXPECT_EQ(error_code(refresh(stolen.refresh_token)), ErrorCode::refresh_token_reused);
    EXPECT_EQ(error_code(refresh(second.refresh_token)), ErrorCode::unauthenticated);
    EXPECT_EQ(error_code(refresh(stolen.refresh_token)), ErrorCode::refresh_token_reused);
    EXPECT_EQ(error_code(authenticate(second.access_token)), ErrorCode::unauthenticated);
    EXPECT_TRUE(authenticate(other.access_token));
    EXPECT_TRUE(refresh(other.refresh_token));
    EXPECT_EQ(events("session.revoked").size(), 1u);
}

// Whoever holds the successor had the answer: the old token is then no lost answer, however early it comes.
TEST_P(Session, ATokenBeforeTheLastIsReuseAtOnce) {
    SignedIn first = must(sign_up("ann@example.com"));
    SignedIn second = must(refresh(first.refresh_token));
    SignedIn third = must(refresh(second.refresh_token));
    EXPECT_EQ(error_code(refresh(first.refresh_token)), ErrorCode::refresh_token_reused);
    EXPECT_EQ(error_code(refresh(third.refresh_token)), ErrorCode::unauthenticated);
}

TEST_P(Session, TwentyAtOnceGetOneSuccessor) {
    SignedIn first = must(sign_up("ann@example.com"));
    std::mutex mutex;
    std::set<std::string> successors;
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < 20; ++i) {
            clients.emplace_back([&] {
                SignedIn answer = must(refresh(first.refresh_token));
                std::lock_guard lock(mutex);
                successors.insert(answer.refresh_token + answer.access_token);
            });
        }
    }
    EXPECT_EQ(successors.size(), 1u);
}

TEST_P(Session, EndsAfterTwoIdleWeeks) {
    SignedIn last = must(sign_up("ann@example.com"));
    clock.advance(hours(14 * 24 - 1));
    last = must(refresh(last.refresh_token));
    clock.advance(hours(14 * 24));
    EXPECT_EQ(error_code(refresh(last.refresh_token)), ErrorCode::token_expired);
}

TEST_P(Session, EndsAfterThirtyDaysHoweverUsed) {
    SignedIn last = must(sign_up("ann@example.com"));
    for (int day = 0; day < 29; ++day) {
        clock.advance(hours(24));
        last = must(refresh(last.refresh_token));
    }
    clock.advance(hours(24));
    EXPECT_EQ(error_code(refresh(last.refresh_token)), ErrorCode::token_expired);
}

TEST_P(Session, OfAnUnknownTokenIsNone) {
    for (const char* token : {"x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_EQ(error_code(refresh(token)), ErrorCode::unauthenticated);
    }
}

TEST_P(Session, LogOutByBearerStopsAccessAtOnce) {
    SignedIn ann = must(sign_up("ann@example.com"));
    must(log_out(caller_of(ann)));
    EXPECT_EQ(error_code(authenticate(ann.access_token)), ErrorCode::unauthenticated);
    EXPECT_EQ(error_code(refresh(ann.refresh_token)), ErrorCode::unauthenticated);
    restart();
    EXPECT_EQ(error_code(authenticate(ann.access_token)), ErrorCode::unauthenticated);
}

TEST_P(Session, LogOutByRefreshTokenEvenByASpentOne) {
    SignedIn ann = must(sign_up("ann@example.com"));
    SignedIn second = must(refresh(ann.refresh_token));
    must(log_out(guest(), ann.refresh_token));
    EXPECT_EQ(error_code(authenticate(second.access_token)), ErrorCode::unauthenticated);
    EXPECT_EQ(error_code(refresh(second.refresh_token)), ErrorCode::unauthenticated);
    EXPECT_TRUE(log_out(guest(), ann.refresh_token));  // twice is once
    EXPECT_TRUE(log_out(guest(), "unknown"));
    EXPECT_EQ(error_code(log_out(guest())), ErrorCode::unauthenticated);
    EXPECT_EQ(events("session.revoked").size(), 1u);
}

TEST_P(Session, AccessTokensSurviveARestart) {
    SignedIn ann = must(sign_up("ann@example.com"));
    restart();
    EXPECT_EQ(caller_of(ann).user, ann.user.id);
}

TEST_P(Session, ANewRoleOrDisablingEndsAllOfAUser) {
    constexpr store::Sql events_sql = "select payload from events where type = 'user.disabled'";
    SignedIn ann = must(sign_up("ann@example.com"));
    SignedIn bob = must(sign_up("bob@example.com"));
    must(authenticate(ann.access_token));  // remembered, as on a busy server
    must(write([&](store::Tx& tx) -> core::Result<void> {
        std::string payload = R"({"sessions_valid_from":)" + std::to_string(clock.now().ms + 1) + "}";
        tx.run("update users set disabled = 1, sessions_valid_from = $2 where id = $1", ann.user.id,
               clock.now().ms + 1);
        tx.append_event(std::string(users::disabled_event), ann.user.id.str(), payload);
        return {};
    }));
    EXPECT_EQ(must(read([&](store::Tx& tx) { return tx.list<std::string>(events_sql); })).size(), 1u);
    EXPECT_EQ(error_code(authenticate(ann.access_token)), ErrorCode::unauthenticated);
    EXPECT_EQ(error_code(refresh(ann.refresh_token)), ErrorCode::unauthenticated);
    auto refused = log_in("ann@example.com");
    EXPECT_EQ(error_code(refused), ErrorCode::invalid_credentials);
    EXPECT_EQ(refused.error().detail, "This account is disabled.");
    EXPECT_NE(log_in("ann@example.com", "wrong password").error().detail, refused.error().detail);
    EXPECT_TRUE(authenticate(bob.access_token));
    restart();
    EXPECT_EQ(error_code(authenticate(ann.access_token)), ErrorCode::unauthenticated);
}

// SE-10 over several nodes: the other node hears no commit of this process.
TEST_P(Session, LogOutReachesOtherNodesByTheirNextLook) {
    if (!on_postgres()) GTEST_SKIP() << "one process owns an SQLite database";
    Auth other_node(settings(), db());
    other_node.start();
    auto takes = [&](const SignedIn& signed_in) {
        core::Caller caller;
        return other_node.authenticate()(signed_in.access_token, clock.now(), caller).has_value();
    };
    SignedIn ann = must(sign_up("ann@example.com"));
    SignedIn bob = must(sign_up("bob@example.com"));
    EXPECT_TRUE(takes(ann));
    must(log_out(caller_of(ann)));
    auto schedules = other_node.schedules();
    auto look = std::ranges::find(schedules, "auth.revocations", &jobs::Schedule::name);
    ASSERT_NE(look, schedules.end());
    EXPECT_LE(look->every, std::chrono::seconds(1));
    must(write([&](store::Tx& tx) { return look->run(tx); }));
    EXPECT_FALSE(takes(ann));
    EXPECT_TRUE(takes(bob));
}

TEST_P(Session, EndedLongAgoIsForgotten) {
    constexpr store::Sql sessions_sql = "select count(*) from sessions";
    constexpr store::Sql tokens_sql = "select count(*) from refresh_tokens";
    must(sign_up("ann@example.com"));
    clock.advance(hours(10 * 24));
    must(log_in("ann@example.com"));
    clock.advance(hours(12 * 24));  // the first ended eight days ago
    auto schedules = auth().schedules();
    ASSERT_EQ(schedules.at(0).name, "auth.sweep_sessions");
    EXPECT_FALSE(must(write([&](store::Tx& tx) { return schedules[0].run(tx); })));
    EXPECT_EQ(must(read([&](store::Tx& tx) { return tx.get<std::int64_t>(sessions_sql); })), 1);
    EXPECT_EQ(must(read([&](store::Tx& tx) { return tx.get<std::int64_t>(tokens_sql); })), 1);
}

}  // namespace
}  // namespace auth
