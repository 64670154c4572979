// Authenticator apps and recovery codes (SE-6, SE-7), log-ins that wait for them, and what needs a recent
// proof (SE-11).
#include "auth/fixture_test.hpp"
#include "auth/qr_code.hpp"
#include "auth/totp.hpp"

#include "http/access.hpp"

#include <liboath/oath.h>

namespace auth {
namespace {

using core::ErrorCode;
using http::Method;
using std::chrono::minutes;
using std::chrono::seconds;
using support::error_code;
using support::must;

constexpr std::string_view password = "correct horse";

class SecondFactor : public AuthFixture {
protected:
    void SetUp() override {
        AuthFixture::SetUp();
        ann_ = must(sign_up("ann@example.com"));
    }

    core::Result<TotpEnrolment> begin(const core::Caller& caller, std::string_view claimed = password) {
        return call<TotpEnrolment>("/v1/auth/mfa/totp", caller,
                                   PasswordProof{*core::PasswordAttempt::from_text(claimed)});
    }
    core::Result<TotpConfirmed> confirm(const core::Caller& caller, std::string_view code) {
        return call<TotpConfirmed>("/v1/auth/mfa/totp/confirm", caller, CodeProof{text(code)});
    }
    // Ann's app, and her recovery codes.
    std::vector<std::string> enrol() {
        secret_ = decoded(must(begin(caller_of(ann_))).secret);
        TotpConfirmed confirmed = must(confirm(caller_of(ann_), code()));
        ann_.access_token = confirmed.access_token;
        clock.advance(seconds(30));  // the step of that code is used up
        return confirmed.recovery_codes;
    }
    std::string code(seconds later = {}) {
        char digits[7];
        auto at = static_cast<time_t>((clock.now() + later).ms / 1000);
        EXPECT_EQ(oath_totp_generate(secret_.data(), secret_.size(), at, 30, 0, 6, digits), OATH_OK);
        return digits;
    }
    std::string wrong_code() {
        for (int i = 0;; ++i) {
            std::string guess = std::to_string(100'000 + i);
            if (!find_totp_step(secret_, guess, clock.now())) return guess;
        }
    }
    MfaChallenge challenge() { return std::get<MfaChallenge>(must(begin_log_in("ann@example.com"))); }
    core::Result<SignedIn> answer(const MfaChallenge& challenge, std::string_view code) {
        return call<SignedIn>("/v1/auth/mfa", guest(),
                              MfaAttempt{MfaTokenText::trusted(challenge.mfa_token), text(code)});
    }
    core::Result<FreshToken> step_up(const core::Caller& caller, std::string_view code) {
        return call<FreshToken>("/v1/auth/step-up", caller, StepUp{.code = text(code)});
    }
    core::Result<http::Nothing> remove(std::string_view claimed, std::string_view code) {
        return call<http::Nothing>("/v1/auth/mfa/totp", caller_of(ann_),
                                   FullProof{*core::PasswordAttempt::from_text(claimed), text(code)},
                                   Method::del);
    }
    static CodeText text(std::string_view code) { return CodeText::trusted(std::string(code)); }
    static std::string decoded(const std::string& base32) {
        char* bytes = nullptr;
        std::size_t size = 0;
        EXPECT_EQ(oath_base32_decode(base32.data(), base32.size(), &bytes, &size), OATH_OK);
        std::string secret(bytes, size);
        std::free(bytes);
        return secret;
    }

    SignedIn ann_;
    std::string secret_;
};
KONTOR_ON_BOTH_ENGINES(SecondFactor);

// SE-6: 160 random bits, asked for with the password, nothing readable in the database.
TEST_P(SecondFactor, OffersASecretToWhoHasThePassword) {
    EXPECT_EQ(error_code(begin(caller_of(ann_), "wrong horse")), ErrorCode::invalid_credentials);
    TotpEnrolment offer = must(begin(caller_of(ann_)));
    EXPECT_EQ(decoded(offer.secret).size(), 20u);
    EXPECT_EQ(offer.otpauth_url, "otpauth://totp/Kontor:ann%40example.com?secret=" + offer.secret +
                                     "&issuer=Kontor&algorithm=SHA1&digits=6&period=30");
    EXPECT_NE(must(begin(caller_of(ann_))).secret, offer.secret);  // a pending one may be begun again
    std::string stored = must(
        read([](store::Tx& tx) { return tx.get<std::string>("select sealed_secret from totp_secrets"); }));
    EXPECT_EQ(stored.find(offer.secret), std::string::npos);
    EXPECT_TRUE(
        std::holds_alternative<SignedIn>(must(begin_log_in("ann@example.com"))));  // pending: not asked for
}

TEST_P(SecondFactor, CountsFromItsFirstCodeAndEndsOtherSessions) {
    SignedIn elsewhere = must(log_in("ann@example.com"));
    secret_ = decoded(must(begin(caller_of(ann_))).secret);
    EXPECT_EQ(error_code(confirm(caller_of(ann_), wrong_code())), ErrorCode::invalid_credentials);
    TotpConfirmed confirmed = must(confirm(caller_of(ann_), code()));
    EXPECT_EQ(confirmed.recovery_codes.size(), 10u);
    EXPECT_TRUE(authenticate(ann_.access_token));
    EXPECT_FALSE(authenticate(elsewhere.access_token));
    EXPECT_TRUE(must(authenticate(confirmed.access_token)).second_factor);
    EXPECT_EQ(error_code(begin(caller_of(ann_))), ErrorCode::conflict);
    EXPECT_EQ(error_code(confirm(caller_of(ann_), code(seconds(30)))), ErrorCode::not_found);
    EXPECT_EQ(events("user.mfa_enabled").size(), 1u);
}

TEST_P(SecondFactor, IsAskedForAtLogIn) {
    enrol();
    MfaChallenge asked = challenge();
    EXPECT_EQ(asked.methods, (std::vector<std::string>{"totp", "recovery_code"}));
    SignedIn signed_in = must(answer(asked, code()));
    EXPECT_TRUE(signed_in.user.mfa_enabled);
    EXPECT_TRUE(caller_of(signed_in).second_factor);
    EXPECT_EQ(error_code(answer(asked, code(seconds(30)))), ErrorCode::unauthenticated);  // used up
    must(refresh(signed_in.refresh_token));
}

TEST_P(SecondFactor, OneStepEarlyOrLateIsFineTwoAreNot) {
    enrol();
    clock.advance(minutes(5));
    EXPECT_EQ(error_code(answer(challenge(), code(seconds(-60)))), ErrorCode::invalid_credentials);
    EXPECT_EQ(error_code(answer(challenge(), code(seconds(60)))), ErrorCode::invalid_credentials);
    must(answer(challenge(), code(seconds(-30))));
    must(answer(challenge(), code(seconds(30))));
}

// SE-6, RFC 6238 §5.2: also the code before the last one used is void.
TEST_P(SecondFactor, AStepIsTakenOnce) {
    enrol();
    std::string used = code(), earlier = code(seconds(-30));
    must(answer(challenge(), used));
    EXPECT_EQ(error_code(answer(challenge(), used)), ErrorCode::invalid_credentials);
    EXPECT_EQ(error_code(answer(challenge(), earlier)), ErrorCode::invalid_credentials);
    EXPECT_EQ(error_code(step_up(caller_of(ann_), used)), ErrorCode::invalid_credentials);
}

TEST_P(SecondFactor, OfTenAtOnceWithOneCodeOneGetsIn) {
    enrol();
    std::vector<MfaChallenge> challenges;
    for (int i = 0; i < 10; ++i)
        challenges.push_back(challenge());
    std::atomic<int> in = 0;
    {
        std::vector<std::jthread> clients;
        for (const auto& asked : challenges)
            clients.emplace_back([&, good = code()] { in += answer(asked, good).has_value(); });
    }
    EXPECT_EQ(in, 1);
}

TEST_P(SecondFactor, FiveWrongCodesEndAChallenge) {
    enrol();
    MfaChallenge asked = challenge();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(error_code(answer(asked, wrong_code())), ErrorCode::invalid_credentials);
    EXPECT_EQ(error_code(answer(asked, code())), ErrorCode::unauthenticated);
    must(answer(challenge(), code()));
}

TEST_P(SecondFactor, TwentyWrongCodesPauseTheAccount) {
    enrol();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(error_code(step_up(caller_of(ann_), wrong_code())), ErrorCode::invalid_credentials);
    auto refused = step_up(caller_of(ann_), code());
    EXPECT_EQ(error_code(refused), ErrorCode::rate_limited);
    EXPECT_EQ(refused.error().extra.at("retry_after_seconds").as_int64(), 30);
    EXPECT_EQ(error_code(answer(challenge(), code())), ErrorCode::rate_limited);
    clock.advance(seconds(31));
    EXPECT_TRUE(step_up(caller_of(ann_), code()));
    EXPECT_EQ(error_code(step_up(caller_of(ann_), wrong_code())),
              ErrorCode::invalid_credentials);  // counted anew
}

TEST_P(SecondFactor, AChallengeEndsByAgeByANewPasswordAndByDisabling) {
    enrol();
    MfaChallenge old = challenge();
    clock.advance(minutes(5));
    EXPECT_EQ(error_code(answer(old, code())), ErrorCode::unauthenticated);
    MfaChallenge before = challenge();
    must(change_password(caller_of(ann_), password, "another horse"));
    clock.advance(seconds(30));
    EXPECT_EQ(error_code(answer(before, code())), ErrorCode::unauthenticated);
    MfaChallenge asked = std::get<MfaChallenge>(must(begin_log_in("ann@example.com", "another horse")));
    must(write([](store::Tx& tx) { tx.run("update users set disabled = 1"); }));
    clock.advance(seconds(30));
    EXPECT_EQ(error_code(answer(asked, code())), ErrorCode::unauthenticated);
    EXPECT_EQ(error_code(answer({.mfa_token = "AAAA"}, code())), ErrorCode::unauthenticated);
}

// SE-7
TEST_P(SecondFactor, RecoveryCodesWorkOnceEachHoweverTyped) {
    auto codes = enrol();
    EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 10u);
    EXPECT_EQ(codes[0].size(), 29u);  // 24 characters of 5 bits, in groups of four
    must(answer(challenge(), codes[0]));
    EXPECT_EQ(error_code(answer(challenge(), codes[0])), ErrorCode::invalid_credentials);
    std::string sloppy;
    for (char c : codes[1])
        sloppy += c == '-' ? ' ' : c == '0' ? 'o' : static_cast<char>(std::tolower(c));
    must(answer(challenge(), sloppy));
    for (const auto& hash :
         must(read([](store::Tx& tx) { return tx.list<std::string>("select hash from recovery_codes"); })))
        for (const auto& shown : codes)
            EXPECT_EQ(hash.find(shown), std::string::npos);

    auto renewed =
        must(call<NewRecoveryCodes>("/v1/auth/mfa/recovery-codes", caller_of(ann_), CodeProof{text(code())}));
    EXPECT_EQ(renewed.recovery_codes.size(), 10u);
    EXPECT_EQ(error_code(answer(challenge(), codes[2])), ErrorCode::invalid_credentials);
    must(answer(challenge(), renewed.recovery_codes[0]));
    auto list = must(call<SecondFactorList>("/v1/auth/mfa", caller_of(ann_), http::Nothing{}, Method::get));
    EXPECT_TRUE(list.totp);
    EXPECT_EQ(list.recovery_codes_left, 9);
}

TEST_P(SecondFactor, OneRecoveryCodeOfTenTriesAtOnceCountsOnce) {
    auto codes = enrol();
    std::atomic<int> proved = 0;
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < 10; ++i)
            clients.emplace_back([&] { proved += step_up(caller_of(ann_), codes[0]).has_value(); });
    }
    EXPECT_EQ(proved, 1);
}

TEST_P(SecondFactor, GoesWithPasswordAndCodeOnly) {
    auto codes = enrol();
    EXPECT_EQ(error_code(remove("wrong horse", code())), ErrorCode::invalid_credentials);
    EXPECT_EQ(error_code(remove(password, wrong_code())), ErrorCode::invalid_credentials);
    SignedIn elsewhere = must(answer(challenge(), codes[0]));
    must(remove(password, code()));
    EXPECT_FALSE(authenticate(elsewhere.access_token));
    EXPECT_FALSE(must(log_in("ann@example.com")).user.mfa_enabled);
    EXPECT_EQ(error_code(step_up(caller_of(ann_), codes[1])), ErrorCode::invalid_credentials);
    EXPECT_EQ(events("user.mfa_disabled").size(), 1u);
}

// SE-11: what a session has proved is good for five minutes, its second factor for ten.
TEST_P(SecondFactor, AProofIsRecentForMinutes) {
    enrol();
    clock.advance(minutes(4));
    EXPECT_TRUE(caller_of(ann_).reauthenticated);
    clock.advance(minutes(2));
    EXPECT_FALSE(caller_of(ann_).reauthenticated);
    EXPECT_TRUE(caller_of(ann_).second_factor);
    clock.advance(minutes(5));
    EXPECT_FALSE(caller_of(ann_).second_factor);
    ann_.access_token = must(step_up(caller_of(ann_), code())).access_token;
    EXPECT_TRUE(caller_of(ann_).reauthenticated);
    EXPECT_TRUE(caller_of(ann_).second_factor);
    // What was proved stays with the session, as does its time.
    clock.advance(minutes(6));
    SignedIn later = must(refresh(ann_.refresh_token));
    EXPECT_FALSE(caller_of(later).reauthenticated);
    EXPECT_TRUE(caller_of(later).second_factor);
}

TEST_P(SecondFactor, APasswordProvesAgainButIsNoSecondFactor) {
    clock.advance(minutes(6));
    auto by_password = [&](std::string_view claimed) {
        return call<FreshToken>("/v1/auth/step-up", caller_of(ann_),
                                StepUp{.password = *core::PasswordAttempt::from_text(claimed)});
    };
    EXPECT_EQ(error_code(by_password("wrong horse")), ErrorCode::invalid_credentials);
    core::Caller proved = must(authenticate(must(by_password(password)).access_token));
    EXPECT_TRUE(proved.reauthenticated);
    EXPECT_FALSE(proved.second_factor);
    EXPECT_EQ(error_code(call<FreshToken>("/v1/auth/step-up", caller_of(ann_), StepUp{})),
              ErrorCode::validation_failed);
}

TEST_P(SecondFactor, StaffWithoutOneMayDoNothingSpecialWherePolicySaysSo) {
    Settings strict = settings();
    strict.staff_needs_second_factor = true;
    use(strict);
    NewAccount admin{.email = *core::Email::from_text("admin@example.com"),
                     .password = *core::Password::from_text(password),
                     .name = core::Text<1, 200>::trusted("Admin"),
                     .role = core::Role::admin};
    must(auth().create_user_with_password(admin));
    ann_ = must(log_in("admin@example.com"));
    auto needs = http::needs(core::Permission::catalog_write);
    EXPECT_EQ(error_code(http::check(needs, caller_of(ann_))), ErrorCode::mfa_required);
    EXPECT_TRUE(http::check(http::signed_in, caller_of(ann_)));
    enrol();
    EXPECT_TRUE(http::check(needs, caller_of(ann_)));
    EXPECT_TRUE(http::check(needs.with_second_factor(), caller_of(ann_)));
    clock.advance(minutes(10));
    EXPECT_TRUE(http::check(needs, caller_of(ann_)));
    EXPECT_EQ(error_code(http::check(needs.with_second_factor(), caller_of(ann_))), ErrorCode::mfa_required);
    EXPECT_EQ(error_code(http::check(http::signed_in.with_reauthentication(), caller_of(ann_))),
              ErrorCode::reauthentication_required);
}

// RFC 6238, appendix B (SHA-1), the last six of eight digits.
TEST(Totp, FollowsTheStandard) {
    const std::string secret = "12345678901234567890";
    std::pair<std::int64_t, const char*> cases[] = {{59, "287082"},         {1111111109, "081804"},
                                                    {1111111111, "050471"}, {1234567890, "005924"},
                                                    {2000000000, "279037"}, {20000000000, "353130"}};
    for (auto [second, digits] : cases)
        EXPECT_EQ(find_totp_step(secret, digits, core::Time{second * 1000}), second / 30) << second;
    EXPECT_FALSE(find_totp_step(secret, "28708", core::Time{59'000}));
    EXPECT_FALSE(find_totp_step(secret, "2870820", core::Time{59'000}));
    EXPECT_EQ(to_base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

TEST(QrCode, IsAPictureOfTheText) {
    std::string png = qr_png("otpauth://totp/x");
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    EXPECT_TRUE(qr_svg("otpauth://totp/x").starts_with("<svg "));
    EXPECT_EQ(data_uri("text/plain", "hi"), "data:text/plain;base64,aGk=");
}

}  // namespace
}  // namespace auth
