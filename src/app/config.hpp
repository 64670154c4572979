// Every setting of the program: one table gives its name, default, reason, command-line flag (--cart-days),
// environment variable (KONTOR_CART_DAYS) and place in `kontor config`. Flags win over the environment, that
// over .env, that over defaults.
#pragma once

#include "backup/keeper.hpp"
#include "backup/shipper.hpp"
#include "chat/chat.hpp"
#include "http/limits.hpp"
#include "http/proxies.hpp"
#include "http/server.hpp"
#include "nodes/words.hpp"
#include "payments/payments.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace app {

struct Config {
    bool in_production = false;
    std::filesystem::path data;
    std::string database;  // "sqlite:PATH" or "postgres://…"; empty: sqlite in the data folder
    unsigned database_connections = 12;
    std::size_t write_queue_max = 4096;
    nodes::Settings nodes;
    std::uint64_t shared_bytes_max = 0;  // 0: nodes share no answers
    http::ServerOptions server;
    http::Limits limits;
    std::string trusted_proxies;  // addresses and networks; empty: nobody
    http::TrustedProxies::Told proxy_header = http::TrustedProxies::Told::x_forwarded_for;
    std::string public_url;
    std::string shop_name;
    std::string storefront_url;  // where links in letters lead; empty: public_url
    std::string smtp_url;        // empty: letters go to <data>/outbox
    bool smtp_requires_tls = true;
    std::string mail_from;
    bool webhooks_to_any = false;  // also http:// and addresses that are not public
    std::vector<std::string> cors_origins;
    std::string passkey_domain;                // empty: the first origin's host
    std::vector<std::string> passkey_origins;  // empty: the storefront, or the server itself
    spdlog::level::level_enum log_level = spdlog::level::info;
    std::string secret;  // seals signing keys; empty: made at first start and kept in <data>/secret
    std::chrono::seconds access_token_lifetime{};
    std::chrono::days session_idle_lifetime{};
    std::chrono::days session_lifetime{};
    std::chrono::minutes step_up_lifetime{};
    std::chrono::minutes reauthentication_lifetime{};
    bool staff_needs_second_factor = false;
    std::int64_t address_failures = 100;
    std::int64_t address_registrations = 100;
    std::int64_t address_letters = 100;
    std::size_t password_length_min = 8;
    std::chrono::milliseconds hash_target{};
    unsigned hash_threads = 0;  // 0: as many as app.cpp finds right
    std::size_t hash_queue_max = 64;
    std::chrono::days cart_lifetime{};
    std::chrono::seconds checkout_hold{};
    std::chrono::seconds checkout_hold_max{};
    std::int64_t orders_per_hour_max = 0;
    std::size_t socket_deflate_bytes_min = 0;  // 0: never
    chat::Settings chat;
    backup::KeeperSettings backups;  // of the place above
    backup::ShipSettings ship;       // of the same
    payments::Settings payments;

    std::string links_lead_to() const;  // without a slash at the end
    std::string search_language;
    unsigned search_threads = 2;
    unsigned picture_threads = 2;
};

struct Setting {
    std::string name;      // "cart-days"
    std::string fallback;  // as text
    std::string help;
    bool secret = false;
    // Throws std::invalid_argument with what is wrong with the text.
    std::function<void(Config&, const std::string& text)> apply;

    std::string flag() const { return "--" + name; }
    std::string variable() const;  // KONTOR_CART_DAYS
};

const std::vector<Setting>& settings();

struct ChosenValue {
    const Setting* setting = nullptr;
    std::string text;
    std::string origin;  // "--cart-days", "KONTOR_CART_DAYS", ".env", "default"
};

// Where each value came from; `flags` holds what was given on the command line, by setting name.
std::vector<ChosenValue> choose_values(const std::vector<std::pair<std::string, std::string>>& flags,
                                       const std::filesystem::path& env_file);

// Throws std::runtime_error naming the setting and where its bad value came from.
Config make_config(const std::vector<ChosenValue>& values);

}  // namespace app
