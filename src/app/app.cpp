#include "app/app.hpp"

#include "app/personal_data.hpp"
#include "app/rooms.hpp"
#include "app/safety.hpp"
#include "app/secret.hpp"
#include "app/touched.hpp"

#include "auth/sealing.hpp"
#include "chat/pictures.hpp"
#include "http/server.hpp"
#include "jobs/lag.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <thread>

namespace app {
namespace {

constexpr unsigned hash_threads_max = 4;
constexpr unsigned file_threads = 2;  // reading pictures from disk
constexpr std::size_t file_queue_max = 1024;

// Browsers make passkeys for names, not for addresses: a server that was told no URL is localhost.
auth::RelyingParty passkey_party(const Config& config) {
    auth::RelyingParty party{config.passkey_domain, config.passkey_origins};
    if (party.origins.empty()) {
        std::string url = config.storefront_url.empty() ? config.public_url : config.storefront_url;
        if (url.empty()) url = "http://localhost:" + std::to_string(config.server.port);
        auto parsed = boost::urls::parse_uri(url);
        if (!parsed)
            throw std::runtime_error(url +
                                     " is no URL: set KONTOR_PUBLIC_URL to how clients reach the shop.");
        party.origins.emplace_back(parsed->encoded_origin());
    }
    if (party.id.empty()) party.id = boost::urls::parse_uri(party.origins.front()).value().host();
    return party;
}

// However many passwords are guessed, a core is left to the shop: with all of them hashing, readers of the
// catalogue waited five times as long.
unsigned hash_threads_of(const Config& config) {
    if (config.hash_threads > 0) return config.hash_threads;
    return std::clamp(std::thread::hardware_concurrency(), 2U, hash_threads_max + 1) - 1;
}

auth::Settings auth_settings(const Config& config) {
    auth::Settings settings;
    if (!config.public_url.empty()) settings.issuer = config.public_url;
    settings.shop_name = config.shop_name;
    settings.passkey_party = passkey_party(config);
    settings.secret = load_secret(config.secret, config.data);
    settings.access_lifetime = config.access_token_lifetime;
    settings.refresh_idle = config.session_idle_lifetime;
    settings.refresh_absolute = config.session_lifetime;
    settings.step_up = config.step_up_lifetime;
    settings.reauthentication = config.reauthentication_lifetime;
    settings.staff_needs_second_factor = config.staff_needs_second_factor;
    settings.address_failures = config.address_failures;
    settings.address_registrations = config.address_registrations;
    settings.password_length_min = config.password_length_min;
    settings.hash_target = config.hash_target;
    settings.hash_threads = hash_threads_of(config);
    settings.hash_queue_max = config.hash_queue_max;
    return settings;
}

audit::Key audit_key_of(const Config& config) {
    return auth::derive_key(load_secret(config.secret, config.data), "audit chain");
}

mail::Settings mail_settings(const Config& config, const auth::Auth& auth) {
    mail::Settings settings;
    settings.from = core::Email::from_text(config.mail_from).value();
    settings.shop_name = config.shop_name;
    settings.shop_url = config.storefront_url;
    settings.unseal = [&auth](std::string_view sealed) { return auth.unseal_token(sealed); };
    settings.deliver = config.smtp_url.empty() ? mail::to_folder(config.data / "outbox")
                                               : mail::by_smtp({config.smtp_url, config.smtp_requires_tls});
    return settings;
}

webhooks::Settings webhook_settings(const Config& config) {
    auto key = auth::derive_key(load_secret(config.secret, config.data), "webhook secrets");
    return {.allows_internal = config.webhooks_to_any,
            .seal = [key](std::string_view text) { return auth::seal(key, text); },
            .unseal = [key](std::string_view sealed) { return auth::unseal(key, sealed); }};
}

search::Settings search_settings(const Config& config) {
    return {config.data / "search", config.search_language, config.search_threads};
}

// Before anything is sealed or served with them.
Config checked(Config config) {
    refuse_in_production(config, find_unsafe_settings(config));
    return config;
}

}  // namespace

store::Options store_options(const Config& config) {
    store::Options options;
    options.url = config.database;
    options.postgres_connections = config.database_connections;
    options.queue_max = config.write_queue_max;
    return options;
}

App::App(const Config& config)
    : config_(checked(config)),
      database_(store::Database::open(store_options(config), clock_)),
      words_(*database_, config.nodes),
      shared_answers_(AnswersInRedis::of(config_, *database_)),
      media_folder_(config.data / "media"),
      pictures_(media_folder_, config.data / "uploads" / "pictures", config.picture_threads),
      sweeper_(media_folder_, *database_),
      chat_folder_(config.data / "chat"),
      chat_pictures_(chat_folder_, config.data / "uploads" / "chat", config.picture_threads),
      chat_sweeper_(chat_folder_, *database_, chat::list_used_picture_files),
      files_(file_threads, file_queue_max),
      auth_(std::make_unique<auth::Auth>(auth_settings(config), *database_)),
      accounts_({.links_lead_to = config_.links_lead_to(), .address_letters = config_.address_letters},
                *auth_, *database_),
      api_keys_(*database_),
      audit_key_(audit_key_of(config_)),
      mail_(std::make_unique<mail::Sender>(mail_settings(config_, *auth_), *database_)),
      payments_(std::make_unique<payments::Payments>(config_.payments, *database_)),
      webhooks_(webhook_settings(config_), *database_),
      webhook_sender_(webhook_settings(config_), *database_),
      search_(std::make_unique<search::Search>(search_settings(config), *database_,
                                               [this] { changes_.announce("catalog"); })),
      bulk_(*database_),
      runner_(std::make_unique<jobs::Runner>(*database_)),
      backups_(config_.backups, clock_),
      shipper_(config_.ship, *database_, clock_) {
    hear_commits();
    database_->migrate(store::all_migrations());
    auth_->start();
    api_keys_.start();
    add_knowledge(accounts_, *auth_);
    add_jobs(*this);
    add_routes(*this);
    http::add_system_routes(api_, *database_, [this] { return figures(); }, config_.public_url, companions());
    shop_.reset(new http::Shop{api_, http::Router(api_), config_.limits, http::Cors(config_.cors_origins),
                               http::Metrics(api_), changes_, *database_, clock_, authenticate(),
                               audit::record});
    shop_->uploads = {config_.data / "uploads", &files_};
    shop_->proxies = http::TrustedProxies(config_.trusted_proxies, config_.proxy_header);
    live_ = std::make_unique<Live>(config_, clock_, *auth_, *database_, words_);
    live_->add([this](std::span<const store::Event> events) { hear_log(events); });
    if (shared_answers_) {
        live_->watch(shared_answers_->watch());
        shop_->shared = &shared_answers_->answers();
    }
    runner_->add(live_->schedule());
    shop_->gateways.push_back(live_->gateway());
    shared_rates_ = std::make_unique<SharedRates>(shop_->rates, words_, clock_);
    add_figures();
    add_pools();
}

App::~App() {
    words_.stop();
    backups_.stop();
    runner_->stop();
    payments_->stop();
    webhook_sender_.stop();
    mail_->stop();
    search_->stop();
    sweeper_.stop();
    chat_sweeper_.stop();
    pictures_.stop();
    chat_pictures_.stop();
    auth_->stop();
    files_.stop();
    shipper_.stop();
}

// Own commits, before their writers hear of them: nobody here sees anything older than what was answered.
void App::hear_commits() {
    database_->on_commit([this](std::span<const store::Event> events) {
        if (shared_answers_) shared_answers_->hear_own(events);
        hear_anybody(events);
        api_keys_.on_commit(events);
    });
}

// The event log tells of own commits once more, and of those of other programs on this database: another
// node, an import by command.
void App::hear_log(std::span<const store::Event> events) {
    hear_anybody(events);
    api_keys_.on_news(events);
}

void App::hear_anybody(std::span<const store::Event> events) {
    announce(events);
    auth_->on_commit(events);
    mail_->on_commit(events);
    payments_->on_commit(events);
    webhook_sender_.on_commit(events);
}

void App::announce(std::span<const store::Event> events) {
    for (const store::Event& event : events)
        announce_to(changes_, event.type, event.subject);
}

// A bearer is a person with an access token, or a program with a key.
http::Authenticate App::authenticate() {
    return
        [this, people = auth_->authenticate()](std::string_view token, core::Time now, core::Caller& caller) {
            return api_keys::is_api_key(token) ? api_keys_.authenticate(token, now, caller)
                                               : people(token, now, caller);
        };
}

void App::add_figures() {
    auto& metrics = shop_->metrics;
    metrics.add_gauge("kontor_http_in_flight", "Requests being worked on.",
                      [this] { return static_cast<double>(shop_->in_flight.load()); });
    metrics.add_gauge("kontor_realtime_connections", "Open Engine.IO connections.",
                      [this] { return static_cast<double>(live_->connection_count()); });
    metrics.add_gauge("kontor_store_queue_length",
                      "Writes waiting or running; with PostgreSQL reads as well.",
                      [this] { return static_cast<double>(database_->queue_length()); });
    metrics.add_counter("kontor_store_commits_total", "Commits.",
                        [this] { return static_cast<double>(database_->counts().commits); });
    metrics.add_counter("kontor_store_writes_total", "Writes committed; several share a commit.",
                        [this] { return static_cast<double>(database_->counts().writes); });
    metrics.add_counter("kontor_store_retries_total", "Writes run again after a conflict.",
                        [this] { return static_cast<double>(database_->counts().retries); });
    if (words_.has_redis()) {
        metrics.add_gauge("kontor_redis_up", "1: Redis answers; 0: the shop goes on without it.",
                          [this] { return words_.is_redis_up() ? 1.0 : 0.0; });
        metrics.add_counter("kontor_redis_losses_total", "How often Redis was lost.",
                            [this] { return static_cast<double>(words_.redis_losses()); });
        metrics.add_counter("kontor_realtime_ignored_messages_total",
                            "Messages of other Socket.IO servers that made no sense.",
                            [this] { return static_cast<double>(live_->ignored_messages()); });
    }
    if (shared_answers_) shared_answers_->add_figures(metrics);
    if (shipper_.is_on()) {
        metrics.add_gauge("kontor_ship_lag_seconds", "The age of the oldest commit that isn't shipped.",
                          [this] { return std::chrono::duration<double>(shipper_.lag()).count(); });
        metrics.add_counter("kontor_ship_segments_total", "Pieces of the log that were shipped.",
                            [this] { return static_cast<double>(shipper_.segments()); });
        metrics.add_counter("kontor_ship_failures_total", "Tries to ship that failed.",
                            [this] { return static_cast<double>(shipper_.failures()); });
    }
    if (database_->connections()) {
        auto add = [&](const char* state, std::size_t store::Database::Connections::* number) {
            metrics.add_gauge(
                "kontor_store_connections", "Connections to PostgreSQL.",
                [this, number] { return static_cast<double>((*database_->connections()).*number); },
                {{"state", state}});
        };
        add("busy", &store::Database::Connections::busy);
        add("idle", &store::Database::Connections::idle);
        metrics.add_gauge("kontor_store_hears_others",
                          "1: commits of other nodes are heard at once; 0: they are found by looking.",
                          [this] { return database_->hears_others() ? 1.0 : 0.0; });
    }
}

std::vector<http::Companion> App::companions() {
    if (!words_.has_redis()) return {};
    return {{"redis", [this] { return words_.is_redis_up(); }}};
}

void App::add_pools() {
    auto add = [this](const char* pool, std::function<std::size_t()> waiting) {
        shop_->metrics.add_gauge("kontor_pool_length", "Work waiting or running in a pool of threads.",
                                 [waiting = std::move(waiting)] { return static_cast<double>(waiting()); },
                                 {{"pool", pool}});
    };
    add("passwords", [this] { return auth_->hashing(); });
    add("search", [this] { return search_->searching(); });
    add("files", [this] { return files_.waiting(); });
    add("pictures", [this] { return pictures_.taking() + chat_pictures_.taking(); });
    add("imports", [this] { return bulk_.importing(); });
    add("exports", [this] { return bulk_.exporting(); });
    add("payments", [this] { return payments_->starting(); });
}

// What followers are behind by is asked of the database, off the I/O threads. Without it the other figures
// come.
boost::asio::awaitable<std::string> App::figures() {
    bool answers = false;
    try {
        auto asked = co_await files_.run([this] {
            return store::read_now(*database_,
                                   [this](store::Tx& tx) { return jobs::list_lags(*database_, tx); });
        });
        answers = asked && *asked;
        if (answers) {
            for (const jobs::Lag& lag : **asked) {
                shop_->metrics.set_gauge("kontor_follower_lag_seconds",
                                         "How old the first event is that a follower has still to deal with.",
                                         {{"follower", lag.follower}},
                                         std::chrono::duration<double>(lag.behind).count());
            }
        }
    } catch (const std::exception& failed) {
        spdlog::warn("metrics: no word of the followers: {}", core::quoted(failed.what()));
    }
    shop_->metrics.set_gauge("kontor_database_up", "Whether the database answers.", {}, answers ? 1 : 0);
    co_return shop_->metrics.text();
}

void App::serve(const std::function<void(unsigned short port)>& listening) {
    refuse_in_production(config_, find_unsafe_accounts(*database_));
    server_ = std::make_unique<http::Server>(*shop_, config_.server);
    live_->start();
    if (shared_answers_) shared_answers_->start();
    words_.start();
    runner_->start();
    if (config_.smtp_url.empty()) {
        spdlog::info("mail: KONTOR_SMTP_URL is not set, so letters are written to {}",
                     (config_.data / "outbox").string());
    }
    mail_->start();
    payments_->start();
    webhook_sender_.start();
    search_->start();
    pictures_.start();
    chat_pictures_.start();
    sweeper_.start();
    chat_sweeper_.start();
    backups_.start();
    shipper_.start();
    listening(server_->port());
    server_->run();
    if (shared_answers_) shared_answers_->stop();
    backups_.stop();
    sweeper_.stop();
    chat_sweeper_.stop();
    search_->stop();
    words_.stop();
    live_->stop();
    payments_->stop();
    webhook_sender_.stop();
    mail_->stop();
    runner_->stop();
    shipper_.stop();
}

void App::stop() {
    bulk_.stop();
    server_->stop();
}

}  // namespace app
