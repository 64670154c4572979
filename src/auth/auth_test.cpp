// Registering, logging in and changing one's password; Argon2id as promised (SE-2); keys that outlive a
// restart.
#include "auth/fixture_test.hpp"
#include "auth/password_hasher.hpp"
#include "auth/password_policy.hpp"
#include "auth/revocations.hpp"
#include "auth/sealing.hpp"

namespace auth {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

class Accounts : public AuthFixture {};
KONTOR_ON_BOTH_ENGINES(Accounts);

TEST_P(Accounts, RegisteringSignsIn) {
    SignedIn ann = must(sign_up("Ann@example.com"));
    EXPECT_EQ(ann.token_type, "Bearer");
    EXPECT_EQ(ann.user.role, core::Role::customer);
    core::Caller caller = caller_of(ann);
    EXPECT_EQ(caller.user, ann.user.id);
    EXPECT_TRUE(caller.session);
    EXPECT_FALSE(caller.may(core::Permission::users_read));
    EXPECT_EQ(error_code(sign_up("ANN@EXAMPLE.COM")), ErrorCode::email_taken);
    EXPECT_EQ(events("user.registered"), std::vector{ann.user.id.str()});
}

TEST_P(Accounts, OneOfManyRegistrationsAtOnceWins) {
    std::atomic<int> made = 0, taken = 0;
    {
        std::vector<std::jthread> people;
        for (int i = 0; i < 10; ++i) {
            people.emplace_back([&] {
                auto answer = sign_up("ann@example.com");
                ++(answer ? made : taken);
                if (!answer) EXPECT_EQ(error_code(answer), ErrorCode::email_taken);
            });
        }
    }
    EXPECT_EQ(made, 1);
    EXPECT_EQ(taken, 9);
}

TEST_P(Accounts, LoggingInNeedsThePassword) {
    SignedIn ann = must(sign_up("ann@example.com"));
    EXPECT_EQ(must(log_in("ANN@example.com")).user.id, ann.user.id);
    auto wrong = log_in("ann@example.com", "Correct horse");
    auto unknown = log_in("bob@example.com");
    EXPECT_EQ(error_code(wrong), ErrorCode::invalid_credentials);
    EXPECT_EQ(error_code(unknown), ErrorCode::invalid_credentials);
    EXPECT_EQ(wrong.error().detail, unknown.error().detail);
}

TEST_P(Accounts, AnEasyPasswordIsRefused) {
    auto refused = sign_up("ann@example.com", "ann@example.com");
    ASSERT_EQ(error_code(refused), ErrorCode::validation_failed);
    EXPECT_EQ(refused.error().fields.at(0).field, "/password");
}

TEST_P(Accounts, ANewPasswordEndsTheOtherSessions) {
    SignedIn here = must(sign_up("ann@example.com"));
    SignedIn there = must(log_in("ann@example.com"));
    EXPECT_EQ(error_code(change_password(caller_of(here), "wrong", "another horse")),
              ErrorCode::invalid_credentials);
    EXPECT_TRUE(authenticate(there.access_token));
    must(change_password(caller_of(here), "correct horse", "another horse"));
    EXPECT_TRUE(authenticate(here.access_token));
    EXPECT_TRUE(refresh(here.refresh_token));
    EXPECT_EQ(error_code(authenticate(there.access_token)), ErrorCode::unauthenticated);
    EXPECT_EQ(error_code(refresh(there.refresh_token)), ErrorCode::unauthenticated);
    EXPECT_EQ(error_code(log_in("ann@example.com")), ErrorCode::invalid_credentials);
    EXPECT_TRUE(log_in("ann@example.com", "another horse"));
}

TEST_P(Accounts, AWeakerHashIsUpgradedAtLogIn) {
    constexpr store::Sql set_sql = "update users set password_hash = $1";
    constexpr store::Sql get_sql = "select password_hash from users";
    must(sign_up("ann@example.com"));
    Settings other = settings();
    other.argon2_memory_kib = 16;
    std::string foreign = PasswordHasher(other).hash_now("correct horse");
    must(write([&](store::Tx& tx) { tx.run(set_sql, foreign); }));
    must(log_in("ann@example.com"));
    EXPECT_TRUE(
        must(read([&](store::Tx& tx) { return tx.get<std::string>(get_sql); })).contains("$m=8,t=1,p=1$"));
    EXPECT_TRUE(log_in("ann@example.com"));
}

TEST_P(Accounts, TheCommandLineMakesOnesOfAnyRole) {
    NewAccount admin{.email = *core::Email::from_text("admin@example.com"),
                     .password = *core::Password::from_text("correct horse"),
                     .name = core::Text<1, 200>::trusted("Admin"),
                     .role = core::Role::admin};
    EXPECT_EQ(must(auth().create_user_with_password(admin)).role, core::Role::admin);
    EXPECT_EQ(error_code(auth().create_user_with_password(admin)), ErrorCode::email_taken);
    core::Caller caller = caller_of(must(log_in("admin@example.com")));
    EXPECT_TRUE(caller.may(core::Permission::settings_write));
}

TEST_P(Accounts, KeysNeedTheirSecret) {
    Settings other = settings();
    other.secret.fill(8);
    EXPECT_THROW(Auth(other, db()).start(), std::runtime_error);
    Auth second(settings(), db());
    second.start();
    core::Caller caller;
    EXPECT_TRUE(second.authenticate()(must(sign_up("ann@example.com")).access_token, clock.now(), caller));
}

TEST_P(Accounts, SigningKeysRotateUnderARunningServer) {
    SignedIn ann = must(sign_up("ann@example.com"));
    auto kid_of = [](const std::string& token) { return token.substr(0, token.find('.')); };
    Auth command_line(settings(), db());
    command_line.start();
    auto next = command_line.rotate_signing_key();
    auto schedules = auth().schedules();
    auto look = std::ranges::find(schedules, "auth.signing_keys", &jobs::Schedule::name);
    must(write([&](store::Tx& tx) { return look->run(tx); }));
    auto jwks = [&] {
        return must(call<JwkSet>("/.well-known/jwks.json", guest(), http::Nothing{}, http::Method::get));
    };
    EXPECT_EQ(jwks().keys.size(), 2u);  // shown before it signs
    EXPECT_EQ(kid_of(must(log_in("ann@example.com")).access_token), kid_of(ann.access_token));
    EXPECT_GT(next.signs_from, clock.now());
    clock.advance(key_lead);
    SignedIn later = must(log_in("ann@example.com"));
    EXPECT_NE(kid_of(later.access_token), kid_of(ann.access_token));
    EXPECT_TRUE(authenticate(later.access_token));
    EXPECT_TRUE(authenticate(ann.access_token));
    clock.advance(std::chrono::minutes(17));
    EXPECT_EQ(jwks().keys.size(), 1u);
    restart();
    EXPECT_EQ(kid_of(must(log_in("ann@example.com")).access_token), kid_of(later.access_token));
}

TEST_P(Accounts, ManyThreadsSeeOneLogOutAtOnce) {
    SignedIn ann = must(sign_up("ann@example.com"));
    std::atomic<bool> logged_out = false, stop = false;
    std::atomic<int> let_in_after = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                while (!stop) {
                    bool before = !logged_out;
                    if (authenticate(ann.access_token) && !before) ++let_in_after;
                }
            });
        }
        must(log_out(caller_of(ann)));
        logged_out = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        stop = true;
    }
    EXPECT_EQ(let_in_after, 0);
}

TEST(PasswordHash, IsArgon2idAtOwaspsCost) {
    core::start_crypto();
    std::string hash = PasswordHasher(Settings{}).hash_now("correct horse");
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
}

// SE-5: medians of the whole log-in at full cost, by turns; a busy machine gets three tries.
TEST_P(Accounts, AnUnknownAddressTakesAsLongAsAWrongPassword) {
    Settings full = settings();
    full.argon2_memory_kib = Settings{}.argon2_memory_kib;
    full.argon2_passes = Settings{}.argon2_passes;
    use(full);
    must(sign_up("ann@example.com"));
    auto time_ms = [&](std::string_view email) {
        must(write([](store::Tx& tx) { tx.run("delete from tries"); }));  // or it would have to pause
        auto start = std::chrono::steady_clock::now();
        EXPECT_EQ(error_code(log_in(email, "wrong horse")), ErrorCode::invalid_credentials);
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    };
    auto median = [](std::vector<double> times) {
        std::ranges::sort(times);
        return times[times.size() / 2];
    };
    double known = 0, unknown = 0;
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::vector<double> known_times, unknown_times;
        for (int i = 0; i < 9; ++i) {
            known_times.push_back(time_ms("ann@example.com"));
            unknown_times.push_back(time_ms("bob@example.com"));
        }
        known = median(std::move(known_times));
        unknown = median(std::move(unknown_times));
        if (std::abs(known - unknown) < std::max(known * 0.25, 5.0)) return;
    }
    FAIL() << known << " ms for a wrong password, " << unknown << " ms for an unknown address";
}

TEST(PasswordPolicy, RefusesWhatAnybodyWouldTryFirst) {
    auto refused = [](std::string_view password) {
        return !check_password(*core::Password::from_text(password), "ann.example@shop.test", "Ann Example",
                               "/p", 8);
    };
    for (std::string_view easy : {"ANN.EXAMPLE@shop.test", "ann.example", "ann example", "aaaaaaaa",
                                  "Password123", "qwertyuiop", "12345678", "zyxwvuts"}) {
        EXPECT_TRUE(refused(easy)) << easy;
    }
    for (std::string_view fine : {"ann.example1", "aaaaaaab", "correct horse", "пароль-длинный"}) {
        EXPECT_FALSE(refused(fine)) << fine;
    }
}

TEST(Sealing, OpensOnlyWithItsKeyAndUnchanged) {
    Secret secret{};
    Secret key = derive_key(secret, "purpose", "material");
    std::string sealed = seal(key, "text");
    EXPECT_NE(seal(key, "text"), sealed);
    EXPECT_EQ(unseal(key, sealed), "text");
    EXPECT_FALSE(unseal(derive_key(secret, "purpose", "other"), sealed));
    EXPECT_FALSE(unseal(derive_key(secret, "purposematerial"), sealed));
    sealed[sealed.size() / 2] = sealed[sealed.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(unseal(key, sealed));
    EXPECT_FALSE(unseal(key, ""));
}

TEST(SessionStart, IsReadFromTheId) {
    for (std::int64_t ms : {0LL, 1LL, 1'800'000'000'123LL, (1LL << 48) - 1}) {
        EXPECT_EQ(session_start_ms(core::SessionId::at({ms})), ms);
    }
}

}  // namespace
}  // namespace auth
