#include "app/config.hpp"
#include "app/setting.hpp"

#include "core/text.hpp"
#include "search/search.hpp"

namespace app {
namespace {

void apply_env(Config& config, const std::string& text) {
    if (text != "development" && text != "production") refuse("must be development or production");
    config.in_production = text == "production";
}

void apply_listen(Config& config, const std::string& text) {
    std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) refuse("must be ADDRESS:PORT, as in 127.0.0.1:8080");
    std::string address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    config.server.address = address;
    config.server.port = static_cast<unsigned short>(to_number(text.substr(colon + 1), 0, 65535));
}

void apply_database(Config& config, const std::string& text) {
    bool known = text.empty() || text.starts_with("sqlite:") || text.starts_with("postgres://") ||
                 text.starts_with("postgresql://");
    if (!known) refuse("must be sqlite:PATH or postgres://…");
    config.database = text;
}

std::vector<std::string> to_origins(const std::string& text, bool any_is_fine) {
    std::vector<std::string> origins;
    std::string_view rest = text;
    while (!rest.empty()) {
        std::string_view origin = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), origin.size() + 1));
        while (origin.starts_with(' '))
            origin.remove_prefix(1);
        bool fits =
            (any_is_fine && origin == "*") ||
            ((origin.starts_with("http://") || origin.starts_with("https://")) && !origin.ends_with('/'));
        if (!fits) refuse("must be origins separated by commas, as in https://shop.example");
        origins.emplace_back(origin);
    }
    return origins;
}

void apply_log_format(Config& config, const std::string& text) {
    if (text != "text" && text != "json") refuse("must be text or json");
    config.server.log_format = text == "json" ? core::LogFormat::json : core::LogFormat::text;
}

void apply_log_level(Config& config, const std::string& text) {
    config.log_level = spdlog::level::from_str(text);
    if (config.log_level == spdlog::level::off && text != "off")
        refuse("must be debug, info, warn, error or off");
}

void apply_url(std::string& target, const std::string& text) {
    if (!text.empty() && !text.starts_with("http://") && !text.starts_with("https://"))
        refuse("must be an http:// or https:// URL");
    target = text;
}

void apply_smtp_url(Config& config, const std::string& text) {
    if (!text.empty() && !text.starts_with("smtp://") && !text.starts_with("smtps://"))
        refuse("must be smtp://USER:PASSWORD@HOST:PORT, or smtps://…");
    config.smtp_url = text;
}

void apply_smtp_tls(Config& config, const std::string& text) {
    if (text != "required" && text != "if-offered") refuse("must be required or if-offered");
    config.smtp_requires_tls = text == "required";
}

void apply_mail_from(Config& config, const std::string& text) {
    if (auto email = core::Email::from_text(text); !email) refuse(email.error().message);
    config.mail_from = text;
}

void apply_webhook_targets(Config& config, const std::string& text) {
    if (text != "public" && text != "any") refuse("must be public or any");
    config.webhooks_to_any = text == "any";
}

void apply_stripe_key(Config& config, const std::string& text) {
    if (!text.empty() && !text.starts_with("sk_") && !text.starts_with("rk_"))
        refuse("must be a secret or restricted key of Stripe: sk_… or rk_…");
    config.payments.stripe.secret_key = text;
}

void apply_stripe_webhook_secrets(Config& config, const std::string& text) {
    auto& secrets = config.payments.stripe.webhook_secrets;
    secrets.clear();
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        secrets.push_back(text.substr(from, comma - from));
        if (!secrets.back().starts_with("whsec_"))
            refuse("must be signing secrets, whsec_…, separated by commas");
        from = comma + 1;
    }
}

void apply_proxies(Config& config, const std::string& text) {
    [[maybe_unused]] const http::TrustedProxies readable(text, config.proxy_header);  // or it throws
    config.trusted_proxies = text;
}

void apply_proxy_header(Config& config, const std::string& text) {
    if (text != "x-forwarded-for" && text != "forwarded") refuse("must be x-forwarded-for or forwarded");
    using Told = http::TrustedProxies::Told;
    config.proxy_header = text == "forwarded" ? Told::forwarded : Told::x_forwarded_for;
}

void apply_staff_mfa(Config& config, const std::string& text) {
    if (text != "optional" && text != "required") refuse("must be optional or required");
    config.staff_needs_second_factor = text == "required";
}

void apply_search_language(Config& config, const std::string& text) {
    const auto known = search::languages();
    if (std::ranges::find(known, text) == known.end()) {
        std::string names;
        for (const std::string& name : known)
            names += (names.empty() ? "" : ", ") + name;
        refuse("must be one of " + names);
    }
    config.search_language = text;
}

constexpr std::size_t secret_length_min = 32;

void apply_secret(Config& config, const std::string& text) {
    if (!text.empty() && text.size() < secret_length_min) refuse("must have at least 32 characters");
    config.secret = text;
}

std::vector<Setting> server_settings() {
    return {
        text("env", "development",
             "development, or production: refuses to start with what is unsafe, as demo accounts and secrets",
             apply_env),
        text("data", "./data", "folder for the database, pictures and the secret",
             [](Config& c, const std::string& t) {
                 t.empty() ? refuse("must be a folder") : void(c.data = t);
             }),
        text("database", "", "sqlite:PATH or postgres://…; empty: SQLite in the data folder", apply_database,
             true),
        text(
            "redis-url", "",
            "redis://:PASSWORD@HOST:PORT/DATABASE: nodes and Socket.IO emitters tell each other by it; "
            "empty: "
            "nodes do so by PostgreSQL",
            [](Config& c, const std::string& t) {
                c.nodes.redis.reset();
                if (!t.empty()) c.nodes.redis = redis::Address::from_url(t);
            },
            true),
        text(
            "redis-prefix", "socket.io",
            "what channels in Redis begin with, as the emitter's option key; another one for each shop there",
            [](Config& c, const std::string& t) { c.nodes.prefix = nodes::checked_prefix(t); }),
        text("listen", "127.0.0.1:8080", "ADDRESS:PORT to serve on; port 0 takes any free one", apply_listen),
        text("trusted-proxies", "",
             "addresses and networks of proxies in front, as in 10.0.0.0/8,::1: what they say of who calls "
             "counts",
             apply_proxies),
        text("proxy-header", "x-forwarded-for", "where they say it: x-forwarded-for or forwarded (RFC 7239)",
             apply_proxy_header),
        text("public-url", "", "how clients reach the server, for links and the API docs",
             [](Config& c, const std::string& t) { c.public_url = t; }),
        text("cors-origins", "", "web origins that may call the API, separated by commas; * for any",
             [](Config& c, const std::string& t) { c.cors_origins = to_origins(t, true); }),
        text("passkey-origins", "",
             "web origins of the pages where people use passkeys; empty: the storefront's, or the public "
             "URL's",
             [](Config& c, const std::string& t) { c.passkey_origins = to_origins(t, false); }),
        text("passkey-domain", "",
             "the domain that passkeys are made for; empty: the first of these origins' host",
             [](Config& c, const std::string& t) { c.passkey_domain = t; }),
        text("log", "text", "format of the log and of the access log: text or json", apply_log_format),
        text("log-level", "info", "debug, info, warn, error or off", apply_log_level),
        text("secret", "",
             "seals signing keys, at least 32 characters; empty: made once, kept in the data folder",
             apply_secret, true),
        number("threads", 0, 0, 256, "threads that serve connections; 0: one for each core",
               [](Config& c) -> auto& { return c.server.threads; }),
    };
}

std::vector<Setting> outgoing_settings() {
    return {
        text("shop-name", "Kontor", "who letters come from and what authenticator apps show",
             [](Config& c, const std::string& t) { c.shop_name = t; }),
        text("storefront-url", "",
             "where links in letters lead: /verify-email and /reset-password of it; empty: the public URL",
             [](Config& c, const std::string& t) { apply_url(c.storefront_url, t); }),
        text("smtp-url", "",
             "smtp://USER:PASSWORD@HOST:PORT or smtps://…; empty: letters are written to the data folder's "
             "outbox",
             apply_smtp_url, true),
        text("smtp-tls", "required", "for smtp://: required, or if-offered for a relay in your own network",
             apply_smtp_tls),
        text("mail-from", "shop@kontor.invalid", "the address that letters come from", apply_mail_from),
        text("stripe-secret-key", "", "sk_… of your Stripe account; empty: the shop takes no cards",
             apply_stripe_key, true),
        text("stripe-webhook-secrets", "",
             "whsec_… of the endpoint /v1/payments/stripe/events at Stripe; two while it is being replaced",
             apply_stripe_webhook_secrets, true),
        text("stripe-url", "https://api.stripe.com", "where Stripe's API is; another one for tests",
             [](Config& c, const std::string& t) { apply_url(c.payments.stripe.url, t); }),
        number("payment-pending-hours", 24, 1, 24 * 30,
               "a payment that the customer began and left is given up",
               [](Config& c) -> auto& { return c.payments.pending_for; }),
        text("webhook-targets", "public",
             "public: webhooks go to https:// and public addresses only; any: for a closed network",
             apply_webhook_targets),
    };
}

std::vector<Setting> limit_settings() {
    return {
        number("database-connections", 12, 1, 500,
               "connections to PostgreSQL; more than cores, so that commits share fsyncs",
               [](Config& c) -> auto& { return c.database_connections; }),
        number("write-queue-max", 4096, 1, 1'000'000,
               "writes waiting for the database; one more is answered 503",
               [](Config& c) -> auto& { return c.write_queue_max; }),
        number("header-bytes-max", 16 * 1024, 1024, 1 << 20, "request line and headers together",
               [](Config& c) -> auto& { return c.limits.header_bytes_max; }),
        number("body-bytes-max", 1 << 20, 1024, 1 << 30, "one JSON body",
               [](Config& c) -> auto& { return c.limits.body_bytes_max; }),
        number("idle-timeout-ms", 60'000, 100, 3'600'000, "a connection between two requests",
               [](Config& c) -> auto& { return c.limits.idle_timeout; }),
        number("header-timeout-ms", 10'000, 100, 600'000,
               "from a request's first byte to the end of its headers",
               [](Config& c) -> auto& { return c.limits.header_timeout; }),
        number("body-timeout-ms", 30'000, 100, 3'600'000, "for a whole body",
               [](Config& c) -> auto& { return c.limits.body_timeout; }),
        number("write-timeout-ms", 30'000, 100, 3'600'000, "for a client that doesn't read its answer",
               [](Config& c) -> auto& { return c.limits.write_timeout; }),
        number("slow-request-ms", 1000, 0, 600'000,
               "a request that takes so long is told in the log with its statements; 0: none is",
               [](Config& c) -> auto& { return c.limits.slow_request; }),
        number("stop-timeout-ms", 10'000, 0, 600'000,
               "for requests in flight when the server is told to stop",
               [](Config& c) -> auto& { return c.limits.stop_timeout; }),
        number("connections-max", 10'000, 1, 1'000'000, "open connections; one more is answered 503",
               [](Config& c) -> auto& { return c.limits.connections_max; }),
        number("in-flight-max", 4096, 1, 1'000'000, "requests being worked on; one more is answered 503",
               [](Config& c) -> auto& { return c.limits.in_flight_max; }),
        number("address-requests-max", 0, 0, 1'000'000'000,
               "requests of one address in a minute, over all nodes; one more is answered 429; 0: any number",
               [](Config& c) -> auto& { return c.limits.address_requests_max; }),
        number("kept-bytes-max", 64 << 20, 0, std::uint64_t{1} << 40,
               "ready answers kept in memory, for each thread",
               [](Config& c) -> auto& { return c.limits.kept_bytes_max; }),
        number("shared-bytes-max", 64 << 20, 0, std::uint64_t{1} << 40,
               "ready answers that a node puts into Redis in 15 minutes, for other nodes; 0: none are shared",
               [](Config& c) -> auto& { return c.shared_bytes_max; }),
    };
}

std::vector<Setting> account_settings() {
    return {
        number("access-token-seconds", 900, 10, 900, "life of an access token",
               [](Config& c) -> auto& { return c.access_token_lifetime; }),
        number("session-idle-days", 14, 1, 365, "a session that isn't refreshed for so long ends",
               [](Config& c) -> auto& { return c.session_idle_lifetime; }),
        number("session-days", 30, 1, 365, "every session ends after so long",
               [](Config& c) -> auto& { return c.session_lifetime; }),
        text("staff-mfa", "optional",
             "optional, or required: staff who signed in without a second factor may do what customers may",
             apply_staff_mfa),
        number("step-up-minutes", 10, 0, 60,
               "granting roles and the like needs a second factor that recent; 0: never asked for",
               [](Config& c) -> auto& { return c.step_up_lifetime; }),
        number("reauthentication-minutes", 5, 1, 60,
               "a proof that recent lets people change how they sign in",
               [](Config& c) -> auto& { return c.reauthentication_lifetime; }),
        number("address-failures-max", 100, 0, 1'000'000,
               "failed log-ins of one address before it must pause; 0: no limit",
               [](Config& c) -> auto& { return c.address_failures; }),
        number("address-registrations-max", 1000, 0, 1'000'000,
               "accounts opened from one address in an hour, as a whole campus may share one; 0: any number",
               [](Config& c) -> auto& { return c.address_registrations; }),
        number("address-letters-max", 100, 0, 1'000'000,
               "resets and verifications asked for from one address in an hour; 0: any number",
               [](Config& c) -> auto& { return c.address_letters; }),
        number("password-length-min", 8, 8, 64,
               "characters of a new password; where it is all there is, take 15",
               [](Config& c) -> auto& { return c.password_length_min; }),
        number("hash-target-ms", 50, 0, 1000,
               "what hashing a password may take, measured once; 0: OWASP's least cost",
               [](Config& c) -> auto& { return c.hash_target; }),
        number("hash-threads", 0, 0, 64,
               "passwords hashed at once, 19 MB each; 0: one for each core but one, at most 4",
               [](Config& c) -> auto& { return c.hash_threads; }),
        number("hash-queue-max", 64, 1, 10'000, "passwords waiting to be hashed; one more is answered 503",
               [](Config& c) -> auto& { return c.hash_queue_max; }),
    };
}

std::vector<Setting> room_settings() {
    return {
        text("search-language", "english",
             "of the products' texts, for word forms: english, german… or none; changing it builds the index "
             "anew",
             apply_search_language),
        number("picture-threads", 2, 1, 64, "uploaded pictures decoded at once, each by a process of its own",
               [](Config& c) -> auto& { return c.picture_threads; }),
        number("search-threads", 2, 1, 64, "searches at once",
               [](Config& c) -> auto& { return c.search_threads; }),
        number("cart-days", 30, 1, 3650, "a cart that isn't changed for so long expires",
               [](Config& c) -> auto& { return c.cart_lifetime; }),
        number("checkout-hold-seconds", 600, 5, 86'400,
               "a checkout keeps its units for so long after its last sign of life",
               [](Config& c) -> auto& { return c.checkout_hold; }),
        number(
            "orders-per-hour-max", 1000, 0, 1'000'000'000,
            "orders of one account, and of one e-mail address, in an hour; more is a script; 0: any number",
            [](Config& c) -> auto& { return c.orders_per_hour_max; }),
        number("checkout-hold-max-seconds", 3600, 5, 86'400,
               "and for so long at most, so that nobody keeps units from others",
               [](Config& c) -> auto& { return c.checkout_hold_max; }),
        number("socket-deflate-bytes-min", 1024, 0, std::uint64_t{1} << 30,
               "Socket.IO messages of so many bytes are compressed where clients can read it; 0: never",
               [](Config& c) -> auto& { return c.socket_deflate_bytes_min; }),
        number("chat-messages-burst", 100, 1, 1'000'000,
               "messages of one person at once, as a phone sends them that was offline",
               [](Config& c) -> auto& { return c.chat.messages_burst; }),
        number("chat-messages-per-minute", 120, 1, 60'000,
               "messages of one person in the long run; one more is answered 429",
               [](Config& c) -> auto& { return c.chat.messages_per_minute; }),
        number("chat-conversations-burst", 100, 1, 1'000'000, "conversations one person opens at once",
               [](Config& c) -> auto& { return c.chat.conversations_burst; }),
        number("chat-conversations-per-hour", 100, 1, 3'600'000,
               "conversations one person opens in the long run; one more is answered 429",
               [](Config& c) -> auto& { return c.chat.conversations_per_hour; }),
    };
}

}  // namespace

const std::vector<Setting>& settings() {
    static const std::vector<Setting> all = [] {
        std::vector<Setting> list;
        for (auto part : {server_settings(), outgoing_settings(), limit_settings(), account_settings(),
                          room_settings(), backup_settings()}) {
            list.insert(list.end(), part.begin(), part.end());
        }
        return list;
    }();
    return all;
}

}  // namespace app
