// The program as an object: owns every part, wires them, serves until it is told to stop. Tests and commands
// make one.
#pragma once

#include "app/answers_in_redis.hpp"
#include "app/config.hpp"
#include "app/live.hpp"
#include "app/shared_rates.hpp"

#include "account/account.hpp"
#include "api_keys/api_keys.hpp"
#include "async/pool.hpp"
#include "audit/audit.hpp"
#include "auth/auth.hpp"
#include "bulk/bulk.hpp"
#include "http/exchange.hpp"
#include "http/system_routes.hpp"
#include "jobs/runner.hpp"
#include "mail/mail.hpp"
#include "media/media.hpp"
#include "media/sweeper.hpp"
#include "nodes/words.hpp"
#include "payments/payments.hpp"
#include "search/search.hpp"
#include "store/database.hpp"
#include "webhooks/webhooks.hpp"

#include <memory>

namespace app {

// How a shop's database is opened.
store::Options store_options(const Config& config);

class App {
public:
    // Opens the database, brings its schema up to date and readies every room. Throws std::runtime_error with
    // what to do about it.
    explicit App(const Config& config);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // Serves until stop(). `listening` hears the port once connections are taken.
    void serve(const std::function<void(unsigned short port)>& listening);
    // From any thread, but not before `listening` was called.
    void stop();

    const Config& config() const { return config_; }
    const media::Folder& media_folder() const { return media_folder_; }
    media::Pictures& pictures() { return pictures_; }
    const media::Folder& chat_folder() const { return chat_folder_; }
    media::Pictures& chat_pictures() { return chat_pictures_; }
    store::Database& database() { return *database_; }
    auth::Auth& auth() { return *auth_; }
    const webhooks::Webhooks& webhooks() const { return webhooks_; }
    payments::Payments& payments() { return *payments_; }
    search::Search& search() { return *search_; }
    bulk::Bulk& bulk() { return bulk_; }
    account::Accounts& accounts() { return accounts_; }
    api_keys::ApiKeys& api_keys() { return api_keys_; }
    const audit::Key& audit_key() const { return audit_key_; }
    async::Pool& files() { return files_; }
    http::Api& api() { return api_; }
    jobs::Runner& runner() { return *runner_; }

private:
    void hear_commits();
    void hear_log(std::span<const store::Event> events);
    void hear_anybody(std::span<const store::Event> events);
    void announce(std::span<const store::Event> events);
    http::Authenticate authenticate();
    std::vector<http::Companion> companions();
    void add_figures();
    void add_pools();
    boost::asio::awaitable<std::string> figures();

    Config config_;
    core::Clock clock_;
    http::Changes changes_;
    std::unique_ptr<store::Database> database_;
    nodes::Words words_;
    std::unique_ptr<AnswersInRedis> shared_answers_;  // null: kept answers are each node's own
    media::Folder media_folder_;
    media::Pictures pictures_;
    media::Sweeper sweeper_;
    media::Folder chat_folder_;  // pictures of conversations, which are read through chat only
    media::Pictures chat_pictures_;
    media::Sweeper chat_sweeper_;
    async::Pool files_;  // reads pictures
    std::unique_ptr<auth::Auth> auth_;
    account::Accounts accounts_;
    api_keys::ApiKeys api_keys_;
    audit::Key audit_key_;
    std::unique_ptr<mail::Sender> mail_;
    std::unique_ptr<payments::Payments> payments_;
    webhooks::Webhooks webhooks_;
    webhooks::Sender webhook_sender_;
    std::unique_ptr<search::Search> search_;
    bulk::Bulk bulk_;
    std::unique_ptr<jobs::Runner> runner_;
    backup::Keeper backups_;
    backup::Shipper shipper_;
    http::Api api_;
    std::unique_ptr<Live> live_;
    std::unique_ptr<http::Shop> shop_;
    std::unique_ptr<SharedRates> shared_rates_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace app
