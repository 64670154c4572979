#include "support/test_database.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"
#include "store/postgres.hpp"

#include <cstdlib>
#include <mutex>

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
    return std::getenv("KONTOR_TEST_POSTGRES");  // NOLINT(concurrency-mt-unsafe): nothing of ours sets any
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

std::string new_postgres_url() {
    auto name = unique_name();
    // Sorted as people do, not byte by byte: as databases are where nobody asked for anything else.
    on_server("create database " + name + " template template0 locale_provider icu icu_locale 'en'");
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

// SQLite: one file migrated once, which the tests' own are copies of.
const fs::path& pattern_file() {
    static EmptyDatabase pattern("sqlite");
    static fs::path file = [] {
        migrate(pattern.url());
        return file_of(pattern.url());
    }();
    return file;
}

// PostgreSQL: making and dropping a database costs checkpoints, so those no longer used are swept and used
// again. The schema `pattern` holds what the migrations put into the tables.
class PostgresDatabases {
public:
    ~PostgresDatabases() {
        for (auto& url : idle_)
            remove_database(url);
    }

    std::string take() {
        std::lock_guard lock(mutex_);
        if (idle_.empty()) return make();
        auto url = std::move(idle_.back());
        idle_.pop_back();
        return url;
    }

    void give_back(std::string url) {
        store::PostgresConnection(url).run_script(sweep);
        std::lock_guard lock(mutex_);
        idle_.push_back(std::move(url));
    }

private:
    static std::string make() {
        auto url = new_postgres_url();
        migrate(url);
        store::PostgresConnection(url).run_script(keep_pattern);
        return url;
    }

    static constexpr std::string_view keep_pattern = R"sql(
        create schema pattern;
        do $$ declare t text; begin
            for t in select tablename from pg_tables where schemaname = 'public' loop
                execute format('create table pattern.%I as table public.%I', t, t);
            end loop;
        end $$)sql";

    static constexpr std::string_view sweep = R"sql(
        do $$ declare t text; c text; begin
            perform set_config('session_replication_role', 'replica', true);
            for t in select tablename from pg_tables where schemaname = 'public' loop
                if to_regclass(format('pattern.%I', t)) is null then
                    execute format('drop table public.%I cascade', t);
                else
                    execute format('delete from public.%I', t);
                    select string_agg(quote_ident(attname), ', ') into c from pg_attribute
                        where attrelid = to_regclass(format('public.%I', t)) and attnum > 0 and attgenerated = ''
                        and not attisdropped;
                    execute format('insert into public.%I (%s) overriding system value select %s from pattern.%I',
                                   t, c, c, t);
                end if;
            end loop;
            for t in select sequencename from pg_sequences where schemaname = 'public' and last_value is not null loop
                execute format('alter sequence public.%I restart', t);
            end loop;
        end $$)sql";

    std::mutex mutex_;
    std::vector<std::string> idle_;
};

PostgresDatabases& postgres_databases() {
    static PostgresDatabases databases;
    return databases;
}

}  // namespace

EmptyDatabase::EmptyDatabase(std::string_view engine) {
    core::start_crypto();
    url_ = engine == "sqlite" ? new_sqlite_url() : new_postgres_url();
}

EmptyDatabase::~EmptyDatabase() {
    remove_database(url_);
}

TestDatabase::TestDatabase(std::string_view engine, core::Clock& clock) : clock_(clock) {
    core::start_crypto();
    if (engine == "sqlite") {
        url_ = new_sqlite_url();
        fs::copy_file(pattern_file(), file_of(url_));
    } else {
        url_ = postgres_databases().take();
    }
    reopen();
}

TestDatabase::~TestDatabase() {
    database_.reset();
    if (url_.starts_with(sqlite_scheme)) {
        remove_database(url_);
    } else {
        postgres_databases().give_back(url_);
    }
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
