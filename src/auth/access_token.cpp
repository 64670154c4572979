#include "auth/access_token.hpp"

#include "core/encoding.hpp"
#include "core/json_read.hpp"
#include "core/json_write.hpp"

#include <algorithm>
#include <stdexcept>

namespace auth {
namespace {

constexpr std::chrono::seconds clocks_differ{60};  // between nodes, at most

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

void AccessTokens::use(std::vector<TimedKey> keys) {
    std::vector<Signer> signers;
    for (auto& timed : keys) {
        std::string header = header_of(timed.key);
        signers.push_back({std::move(timed), std::move(header)});
    }
    std::lock_guard lock(mutex_);
    signers_ = std::make_shared<const std::vector<Signer>>(std::move(signers));
}

AccessTokens::Signers AccessTokens::signers() const {
    std::lock_guard lock(mutex_);
    return signers_;
}

bool AccessTokens::has_ended(const Signer& signer, core::Time now) const {
    const auto& until = signer.timed.signs_until;
    return until && now > *until + std::chrono::seconds{lifetime_s_} + clocks_differ;
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
    auto all = signers();
    auto signer = std::ranges::find_if(*all, [&](const Signer& one) { return one.timed.signs_from <= now; });
    if (signer == all->end()) throw std::logic_error("no key signs yet");
    std::string token = signer->header + core::to_base64url(core::to_json(claims));
    Signature signature = signer->timed.key.sign(token);
    return token + "." + core::to_base64url(signature);
}

core::Result<AccessClaims> AccessTokens::verify(std::string_view token, core::Time now) const {
    auto invalid = std::unexpected(invalid_token());
    if (token.size() > access_token_bytes_max) return invalid;
    auto all = signers();
    auto signer =
        std::ranges::find_if(*all, [&](const Signer& one) { return token.starts_with(one.header); });
    std::size_t last_dot = token.rfind('.');
    if (signer == all->end() || last_dot < signer->header.size() || has_ended(*signer, now)) return invalid;

    auto signature_bytes = core::from_base64url(token.substr(last_dot + 1));
    Signature signature;
    if (!signature_bytes || signature_bytes->size() != signature.size()) return invalid;
    std::ranges::copy(*signature_bytes, signature.begin());
    if (!signer->timed.key.verifies(signature, token.substr(0, last_dot))) return invalid;

    auto payload =
        core::from_base64url(token.substr(signer->header.size(), last_dot - signer->header.size()));
    if (!payload) return invalid;
    auto claims = core::from_json<AccessClaims>(*payload);
    if (!claims || claims->iss.text() != issuer_ || claims->aud.text() != audience_) return invalid;
    if (claims->exp <= claims->iat || claims->exp - claims->iat > lifetime_s_) return invalid;
    // A key that was replaced signs no more: whoever has it later can't either.
    const auto& until = signer->timed.signs_until;
    if (until && core::Time{claims->iat * 1000} > *until + clocks_differ) return invalid;
    if (now.ms >= claims->exp * 1000) return std::unexpected(expired_token());
    return claims;
}

JwkSet AccessTokens::jwks(core::Time now) const {
    JwkSet set;
    for (const auto& signer : *signers()) {
        if (!has_ended(signer, now)) set.keys.push_back(signer.timed.key.jwk());
    }
    return set;
}

}  // namespace auth
