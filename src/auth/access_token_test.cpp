// Access tokens (SE-8): what we write is taken, and nothing that anybody else could write.
#include "auth/access_token.hpp"

#include "core/encoding.hpp"
#include "core/json_write.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

namespace auth {
namespace {

using core::ErrorCode;
using std::string;

constexpr core::Time now{1'800'000'000'000};

Settings shop() {
    return {.issuer = "https://shop.example", .audience = "kontor"};
}

class AccessToken : public testing::Test {
protected:
    AccessToken() {
        core::start_crypto();
        key_.emplace(SigningKey::generate());
        tokens_.use({TimedKey{*key_}});
        token_ = tokens_.issue({user_, session_, core::Role::manager, {.at = now}}, now);
    }
    static string encoded(std::string_view text) { return core::to_base64url(text); }
    string header() const { return R"({"alg":"EdDSA","kid":")" + key_->kid() + R"(","typ":"at+jwt"})"; }
    string claims() const {
        return R"({"iss":"https://shop.example","aud":"kontor","sub":")" + user_.str() + R"(","sid":")" +
               session_.str() +
               R"(","role":"manager","iat":1800000000,"exp":1800000900,)"
               R"("auth_time":1800000000,"mfa_time":null})";
    }
    // As somebody would who has the private key: the signature is right, whatever is signed.
    string signed_by_us(std::string_view header, std::string_view claims) const {
        string input = encoded(header) + "." + encoded(claims);
        return input + "." + core::to_base64url(key_->sign(input));
    }
    string replaced(string text, std::string_view from, std::string_view to) const {
        auto at = text.find(from);
        EXPECT_NE(at, string::npos) << from;
        return text.replace(at, from.size(), to);
    }
    std::optional<ErrorCode> refusal(std::string_view token, core::Time at = now) const {
        auto verified = tokens_.verify(token, at);
        if (verified) return {};
        return verified.error().code;
    }

    core::UserId user_ = core::UserId::at(now);
    core::SessionId session_ = core::SessionId::at(now);
    std::optional<SigningKey> key_;
    AccessTokens tokens_{shop()};
    string token_;
};

TEST_F(AccessToken, TellsWhoCallsForFifteenMinutes) {
    auto claims = tokens_.verify(token_, now);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->sub, user_);
    EXPECT_EQ(claims->sid, session_);
    EXPECT_EQ(claims->role, core::Role::manager);
    EXPECT_EQ(claims->exp - claims->iat, 900);
    EXPECT_EQ(refusal(token_, now + std::chrono::milliseconds(899'999)), std::nullopt);
    EXPECT_EQ(refusal(token_, now + std::chrono::minutes(15)), ErrorCode::token_expired);
}

TEST_F(AccessToken, WrittenByHandWithOurKeyIsTheSame) {
    EXPECT_EQ(signed_by_us(header(), claims()), token_);
}

TEST_F(AccessToken, OfAForeignHeaderIsRefusedThoughTheSignatureIsRight) {
    std::pair<const char*, string> cases[] = {
        {"alg none", R"({"alg":"none","kid":")" + key_->kid() + R"(","typ":"at+jwt"})"},
        {"alg HS256", replaced(header(), "EdDSA", "HS256")},
        {"alg ES256", replaced(header(), "EdDSA", "ES256")},
        {"foreign kid", replaced(header(), key_->kid(), SigningKey::generate().kid())},
        {"no kid", R"({"alg":"EdDSA","typ":"at+jwt"})"},
        {"typ JWT", replaced(header(), "at+jwt", "JWT")},
        {"jwk", replaced(header(), "}", R"(,"jwk":{"kty":"OKP"}})")},
        {"jku", replaced(header(), "}", R"(,"jku":"https://evil.example/keys"})")},
        {"x5u", replaced(header(), "}", R"(,"x5u":"https://evil.example/cert"})")},
        {"crit", replaced(header(), "}", R"(,"crit":["exp"]})")},
        {"two algs", replaced(header(), "}", R"(,"alg":"none"})")},
        {"spaces", replaced(header(), ":", ": ")},
        {"nothing", ""},
    };
    for (const auto& [name, header] : cases) {
        EXPECT_EQ(refusal(signed_by_us(header, claims())), ErrorCode::unauthenticated) << name;
    }
}

TEST_F(AccessToken, OfForeignClaimsIsRefusedThoughTheSignatureIsRight) {
    std::pair<const char*, string> cases[] = {
        {"another issuer", replaced(claims(), "shop.example", "evil.example")},
        {"issuer and more", replaced(claims(), "shop.example", "shop.example/")},
        {"another audience", replaced(claims(), R"("kontor")", R"("other")")},
        {"audience list", replaced(claims(), R"("kontor")", R"(["kontor"])")},
        {"no iss", replaced(claims(), R"("iss":"https://shop.example",)", "")},
        {"no aud", replaced(claims(), R"("aud":"kontor",)", "")},
        {"no sub", replaced(claims(), R"("sub":")" + user_.str() + R"(",)", "")},
        {"no sid", replaced(claims(), R"("sid":")" + session_.str() + R"(",)", "")},
        {"no role", replaced(claims(), R"("role":"manager",)", "")},
        {"no iat", replaced(claims(), R"("iat":1800000000,)", "")},
        {"no exp", replaced(claims(), R"(,"exp":1800000900)", "")},
        {"sub of another kind", replaced(claims(), "usr_", "crt_")},
        {"unknown role", replaced(claims(), "manager", "owner")},
        {"exp as text", replaced(claims(), "1800000900", R"("1800000900")")},
        {"exp with a fraction", replaced(claims(), "1800000900", "1800000900.5")},
        {"exp before iat", replaced(claims(), "1800000900", "1799999999")},
        {"lives too long", replaced(claims(), "1800000900", "1800009999")},
        {"exp beyond 2^53", replaced(claims(), "1800000900", "9007199254740993")},
        {"an extra claim", replaced(claims(), R"("role")", R"("scope":"all","role")")},
        {"no object", "[]"},
        {"no JSON", "{"},
        {"nothing", ""},
    };
    for (const auto& [name, claims] : cases) {
        EXPECT_EQ(refusal(signed_by_us(header(), claims)), ErrorCode::unauthenticated) << name;
    }
}

TEST_F(AccessToken, SignedWithThePublicKeyAsASharedSecretIsRefused) {
    string input = encoded(replaced(header(), "EdDSA", "HS256")) + "." + encoded(claims());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac;
    crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const unsigned char*>(input.data()), input.size(),
                           key_->public_key().data());
    EXPECT_EQ(refusal(input + "." + core::to_base64url(mac)), ErrorCode::unauthenticated);
}

TEST_F(AccessToken, OfAnotherShopWithOurKidIsRefused) {
    string input = encoded(header()) + "." + encoded(claims());
    EXPECT_EQ(refusal(input + "." + core::to_base64url(SigningKey::generate().sign(input))),
              ErrorCode::unauthenticated);
}

TEST_F(AccessToken, InAnyOtherSpellingIsRefused) {
    std::size_t second_dot = token_.rfind('.');
    std::pair<const char*, string> cases[] = {
        {"empty", ""},
        {"dots", ".."},
        {"no signature", token_.substr(0, second_dot)},
        {"empty signature", token_.substr(0, second_dot + 1)},
        {"short signature", token_.substr(0, token_.size() - 4)},
        {"padding", token_ + "=="},
        {"trailing garbage", token_ + "AAAA"},
        {"trailing dot", token_ + "."},
        {"a fourth part", token_ + ".AAAA"},
        {"leading space", " " + token_},
        {"trailing NUL", token_ + string(1, '\0')},
        {"line break", replaced(token_, ".", ".\n")},
        {"oversized", token_ + string(access_token_bytes_max, 'A')},
        {"oversized claims",
         signed_by_us(header(), replaced(claims(), R"("role")", string(5000, ' ') + R"("role")"))},
    };
    for (const auto& [name, token] : cases)
        EXPECT_EQ(refusal(token), ErrorCode::unauthenticated) << name;
}

// 64 bytes take 86 characters whose last has 4 unused bits: 15 other spellings of the same bytes.
TEST_F(AccessToken, WithUnusedBitsSetIsRefused) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::size_t last = alphabet.find(token_.back());
    ASSERT_EQ(last % 16, 0u);
    for (std::size_t other = last + 1; other < last + 16; ++other) {
        string token = token_;
        token.back() = alphabet[other];
        EXPECT_EQ(refusal(token), ErrorCode::unauthenticated) << token.back();
    }
}

TEST_F(AccessToken, WithAnyBitFlippedIsRefused) {
    for (std::size_t at = 0; at < token_.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            string token = token_;
            token[at] = static_cast<char>(token[at] ^ (1 << bit));
            EXPECT_EQ(refusal(token), ErrorCode::unauthenticated) << at << ":" << bit;
        }
    }
}

TEST_F(AccessToken, WithAnyByteReplacedByAnyOtherIsRefused) {
    for (std::size_t at = token_.size() - 12; at < token_.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            string token = token_;
            token[at] = static_cast<char>(byte);
            if (token != token_) EXPECT_EQ(refusal(token), ErrorCode::unauthenticated) << at << ":" << byte;
        }
    }
}

// The group order added to S verifies in careless libraries (RFC 8032 §5.1.7 forbids it).
TEST_F(AccessToken, WithAMalleatedSignatureIsRefused) {
    std::size_t second_dot = token_.rfind('.');
    string signature = *core::from_base64url(token_.substr(second_dot + 1));
    constexpr unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                         0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                         0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += static_cast<unsigned char>(signature[32 + i]) + order[i];
        signature[32 + i] = static_cast<char>(carry & 0xff);
        carry >>= 8;
    }
    EXPECT_EQ(refusal(token_.substr(0, second_dot + 1) + encoded(signature)), ErrorCode::unauthenticated);
}

TEST_F(AccessToken, OfAnOlderKeyIsStillTaken) {
    AccessTokens rotated{shop()};
    rotated.use({TimedKey{SigningKey::generate(), now, {}}, TimedKey{*key_, {}, now}});
    EXPECT_TRUE(rotated.verify(token_, now));
    EXPECT_EQ(rotated.jwks(now).keys.size(), 2u);
    EXPECT_FALSE(
        tokens_.verify(rotated.issue({user_, session_, core::Role::customer, {.at = now}}, now), now));
}

// Whoever finds the old key later can sign nothing with it.
TEST_F(AccessToken, OfAKeyThatWasReplacedIsTakenUntilItEnds) {
    using std::chrono::minutes;
    AccessTokens rotated{shop()};
    rotated.use(
        {TimedKey{SigningKey::generate(), now + minutes(1), {}}, TimedKey{*key_, {}, now + minutes(1)}});
    auto signed_at = [&](core::Time time) {
        return tokens_.issue({user_, session_, core::Role::admin, {.at = time}}, time);
    };
    core::Time later = now + minutes(10);
    EXPECT_TRUE(rotated.verify(token_, later));
    EXPECT_FALSE(rotated.verify(signed_at(later), later));
    EXPECT_EQ(rotated.jwks(later).keys.size(), 2u);
    EXPECT_EQ(rotated.jwks(now + minutes(20)).keys.size(), 1u);
    // A new one signs from its time on, and is shown before.
    auto signed_by_new = rotated.issue({user_, session_, core::Role::customer, {.at = later}}, later);
    EXPECT_FALSE(tokens_.verify(signed_by_new, later));
    EXPECT_TRUE(
        tokens_.verify(rotated.issue({user_, session_, core::Role::customer, {.at = now}}, now), now));
}

TEST_F(AccessToken, KeyIsPublishedAsRfc8037Says) {
    // The key and thumbprint of RFC 8037, appendix A.
    auto seed = *core::from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    std::array<unsigned char, 32> bytes;
    std::ranges::copy(seed, bytes.begin());
    Jwk jwk = SigningKey(bytes).jwk();
    EXPECT_EQ(jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    EXPECT_EQ(jwk.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    EXPECT_EQ(core::to_json(jwk).find("\"d\""), string::npos);
}

}  // namespace
}  // namespace auth
