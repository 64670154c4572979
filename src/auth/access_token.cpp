#include "auth/access_token.hpp"

#include "core/encoding.hpp"
#include "core/json_read.hpp"
#include "core/json_write.hpp"

namespace auth {
namespace {

std::string header_of(const SigningKey& key) {
    return core::to_base64url(R"({"alg":"EdDSA","kid":")" + key.kid() + R"(","typ":"at+jwt"})") + ".";
}

}  // namespace

core::Error invalid_token() {
    return {core::ErrorCode::unauthenticated, "The access token is not valid.", {}, {}};
}

core::Error expired_token() {
    return {core::ErrorCode::token_expired,
            "The access token has expired. Get a new one with the refresh token.",
            {},
            {}};
}

AccessTokens::AccessTokens(const Settings& settings)
    : issuer_(settings.issuer), audience_(settings.audience), lifetime_s_(settings.access_lifetime.count()) {}

void AccessTokens::use(std::vector<SigningKey> keys) {
    for (auto& key : keys) {
        std::string header = header_of(key);
        signers_.push_back({std::move(key), std::move(header)});
    }
}

std::string AccessTokens::issue(const Subject& subject, core::Time now) const {
    std::int64_t now_s = now.ms / 1000;
    const auto& second_factor_at = subject.proof.second_factor_at;
    AccessClaims claims{.iss = core::Text<1, 500>::trusted(issuer_),
                        .aud = core::Text<1, 200>::trusted(audience_),
                        .sub = subject.user,
                        .sid = subject.session,
                        .role = subject.role,
                        .iat = now_s,
                        .exp = now_s + lifetime_s_,
                        .auth_time = subject.proof.at.ms / 1000};
    if (second_factor_at) claims.mfa_time = second_factor_at->ms / 1000;
    const Signer& signer = signers_.at(0);
    std::string token = signer.header + core::to_base64url(core::to_json(claims));
    Signature signature = signer.key.sign(token);
    return token + "." + core::to_base64url(signature);
}

const AccessTokens::Signer* AccessTokens::find_signer(std::string_view token) const {
    for (const auto& signer : signers_) {
        if (token.starts_with(signer.header)) return &signer;
    }
    return nullptr;
}

core::Result<AccessClaims> AccessTokens::verify(std::string_view token, core::Time now) const {
    auto invalid = std::unexpected(invalid_token());
    if (token.size() > access_token_bytes_max) return invalid;
    const Signer* signer = find_signer(token);
    std::size_t last_dot = token.rfind('.');
    if (!signer || last_dot < signer->header.size()) return invalid;

    auto signature_bytes = core::from_base64url(token.substr(last_dot + 1));
    Signature signature;
    if (!signature_bytes || signature_bytes->size() != signature.size()) return invalid;
    std::ranges::copy(*signature_bytes, signature.begin());
    if (!signer->key.verifies(signature, token.substr(0, last_dot))) return invalid;

    auto payload =
        core::from_base64url(token.substr(signer->header.size(), last_dot - signer->header.size()));
    if (!payload) return invalid;
    auto claims = core::from_json<AccessClaims>(*payload);
    if (!claims || claims->iss.text() != issuer_ || claims->aud.text() != audience_) return invalid;
    if (claims->exp <= claims->iat || claims->exp - claims->iat > lifetime_s_) return invalid;
    if (now.ms >= claims->exp * 1000) return std::unexpected(expired_token());
    return claims;
}

JwkSet AccessTokens::jwks() const {
    JwkSet set;
    for (const auto& signer : signers_)
        set.keys.push_back(signer.key.jwk());
    return set;
}

}  // namespace auth
