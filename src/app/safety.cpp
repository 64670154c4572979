#include "app/safety.hpp"

#include "app/demo_shop.hpp"

#include "core/or_throw.hpp"

#include <boost/url/parse.hpp>

#include <set>

namespace app {
namespace {

namespace fs = std::filesystem;

// A random secret of 32 characters has more in all likelihood, also in hexadecimal.
constexpr std::size_t secret_characters_min = 8;
// Words that stand in examples, not in random texts.
constexpr std::string_view example_words[] = {"change",   "example", "secret",
                                              "password", "kontor",  "insecure"};

bool is_local(const std::string& host) {
    return host == "localhost" || host == "[::1]" || host == "::1" || host.starts_with("127.");
}

bool is_sqlite(const Config& config) {
    return config.database.starts_with("sqlite:");
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
    return text;
}

bool is_guessable(const std::string& secret) {
    const std::string text = lower(secret);
    auto stands_in = [&](std::string_view word) { return text.contains(word); };
    return std::set<char>(text.begin(), text.end()).size() < secret_characters_min ||
           std::ranges::any_of(example_words, stands_in);
}

void check_encryption(const Config& config, Findings& findings) {
    auto url = boost::urls::parse_uri(config.public_url);
    if (url && (url->scheme() == "https" || is_local(url->host()))) return;
    if (config.public_url.empty() && is_local(config.server.address) && !config.in_production) return;
    findings.push_back({config.public_url.empty()
                            ? "Nobody said how clients reach the shop: links in letters and passkeys need it."
                            : "Passwords and carts cross the network without encryption.",
                        "Put a TLS proxy before the server and set KONTOR_PUBLIC_URL=https://…"});
}

void check_proxies(const Config& config, Findings& findings) {
    if (!config.trusted_proxies.empty() || !config.public_url.starts_with("https://")) return;
    findings.push_back({"All customers seem to come from the TLS proxy's address, and share its limits.",
                        "Set KONTOR_TRUSTED_PROXIES to the addresses of the proxy, as in 127.0.0.1,::1"});
}

void check_secret(const Config& config, Findings& findings) {
    const fs::path file = config.data / "secret";
    if (!config.secret.empty()) {
        if (is_guessable(config.secret))
            findings.push_back(
                {"KONTOR_SECRET can be guessed: it seals keys and second factors.",
                 "Set it to what `openssl rand -base64 33` prints. A shop that has started with "
                 "the old one can't be opened with another."});
        return;
    }
    if (config.in_production && !is_sqlite(config))
        findings.push_back({"Each server on one PostgreSQL would make a secret of its own.",
                            "Set KONTOR_SECRET, the same for all, to what `openssl rand -base64 33` prints; "
                            "for a shop that has one already, to the text in " +
                                file.string() + "."});
    constexpr auto others = fs::perms::group_all | fs::perms::others_all;
    if (!fs::exists(file) || (fs::status(file).permissions() & others) == fs::perms::none) return;
    findings.push_back(
        {"Others on this machine may read " + file.string() + ".", "chmod 600 " + file.string()});
}

void check_payments(const Config& config, Findings& findings) {
    const std::string& key = config.payments.stripe.secret_key;
    if (!key.starts_with("sk_test_") && !key.starts_with("rk_test_")) return;
    findings.push_back({"Stripe's test key takes orders that nobody pays.",
                        "Set KONTOR_STRIPE_SECRET_KEY to the live key of your account, or to nothing."});
}

}  // namespace

Findings find_unsafe_settings(const Config& config) {
    Findings findings;
    check_encryption(config, findings);
    check_proxies(config, findings);
    check_secret(config, findings);
    check_payments(config, findings);
    return findings;
}

Findings find_unsafe_accounts(store::Database& database) {
    if (!core::or_throw(store::read_now(database, has_demo_accounts))) return {};
    return {{"The demo shop's accounts can sign in; everybody knows their passwords.",
             "Disable them, or start with a fresh data folder and `kontor admin create`."}};
}

void refuse_in_production(const Config& config, const Findings& findings) {
    if (!config.in_production || findings.empty()) return;
    std::string all = "This shop is not fit for KONTOR_ENV=production:";
    for (const auto& [what, what_to_do] : findings)
        all.append("\n  ").append(what).append("\n      ").append(what_to_do);
    throw std::runtime_error(all);
}

}  // namespace app
