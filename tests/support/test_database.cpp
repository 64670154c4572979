#include "support/test_database.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"
#include "store/postgres.hpp"

#include <cstdlib>

namespace support {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view sqlite_scheme = "sqlite:";

std::string unique_name() {
    return "kontor_test_" + core::to_hex(core::random_bytes<8>());
}

// In memory where the system has such a place: most tests are about rules, not about the disk.
fs::path scratch_folder() {
    fs::path memory = "/dev/shm";
    return fs::is_directory(memory) ? memory : fs::temp_directory_path();
}

std::string new_sqlite_url() {
    auto folder = scratch_folder() / unique_name();
    fs::create_directories(folder);
    return std::string(sqlite_scheme) + (folder / "kontor.db").string();
}

fs::path file_of(std::string_view sqlite_url) {
    return sqlite_url.substr(sqlite_scheme.size());
}

store::Options options_of(const std::string& url) {
    store::Options options;
    options.url = url;
    options.postgres_connections = 4;
    return options;
}

void migrate(const std::string& url) {
    core::Clock clock;
    store::Database::open(options_of(url), clock)->migrate(store::all_migrations());
}

const char* server_url() {
    return std::getenv("KONTOR_TEST_POSTGRES");
}

// The server's URL with another database in it: postgres://USER@HOST/DATABASE?OPTIONS.
std::string postgres_url(std::string_view database) {
    std::string url = server_url();
    auto path = url.find('/', url.find("://") + 3);
    auto options = std::min(url.find('?'), url.size());
    if (path >= options)
        throw std::runtime_error("KONTOR_TEST_POSTGRES must name a database: postgres://HOST/postgres");
    return url.substr(0, path + 1) + std::string(database) + url.substr(options);
}

std::string database_of(std::string_view url) {
    auto path = url.find('/', url.find("://") + 3) + 1;
    return std::string(url.substr(path, std::min(url.find('?'), url.size()) - path));
}

void on_server(const std::string& script) {
    store::PostgresConnection(server_url()).run_script(script);
}

std::string new_postgres_url(const std::string& pattern) {
    auto name = unique_name();
    on_server("create database " + name + " template " + pattern);
    return postgres_url(name);
}

void remove_database(const std::string& url) {
    if (url.starts_with(sqlite_scheme)) {
        std::error_code ignored;
        fs::remove_all(file_of(url).parent_path(), ignored);
    } else {
        on_server("drop database if exists " + database_of(url) + " with (force)");
    }
}

// One migrated database for each engine and run of the tests, which the tests' own are copies of.
const EmptyDatabase& pattern_of(std::string_view engine) {
    auto make = [](std::string_view name) {
        auto pattern = std::make_unique<EmptyDatabase>(name);
        migrate(pattern->url());
        return pattern;
    };
    if (engine == "sqlite") {
        static auto pattern = make(engine);
        return *pattern;
    }
    static auto pattern = make(engine);
    return *pattern;
}

}  // namespace

EmptyDatabase::EmptyDatabase(std::string_view engine) {
    core::start_crypto();
    url_ = engine == "sqlite" ? new_sqlite_url() : new_postgres_url("template1");
}

EmptyDatabase::~EmptyDatabase() {
    remove_database(url_);
}

TestDatabase::TestDatabase(std::string_view engine, core::Clock& clock) : clock_(clock) {
    auto& pattern = pattern_of(engine);
    if (engine == "sqlite") {
        url_ = new_sqlite_url();
        fs::copy_file(file_of(pattern.url()), file_of(url_));
    } else {
        url_ = new_postgres_url(database_of(pattern.url()));
    }
    reopen();
}

TestDatabase::~TestDatabase() {
    database_.reset();
    remove_database(url_);
}

void TestDatabase::reopen() {
    database_.reset();
    database_ = store::Database::open(options_of(url_), clock_);
}

std::vector<std::string_view> engines() {
    if (server_url()) return {"sqlite", "postgres"};
    return {"sqlite"};
}

void OnBothEngines::SetUp() {
    database_.emplace(GetParam(), clock);
}

}  // namespace support
