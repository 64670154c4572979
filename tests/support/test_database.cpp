#include "support/test_database.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

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

void migrate(const std::string& url) {
    core::Clock clock;
    store::Options options;
    options.url = url;
    store::Database::open(options, clock)->migrate(store::all_migrations());
}

}  // namespace

EmptyDatabase::EmptyDatabase(std::string_view) {
    core::start_crypto();
    url_ = new_sqlite_url();
}

EmptyDatabase::~EmptyDatabase() {
    std::error_code ignored;
    fs::remove_all(file_of(url_).parent_path(), ignored);
}

TestDatabase::TestDatabase(std::string_view, core::Clock& clock) : clock_(clock) {
    core::start_crypto();
    // Migrated once; each test copies the file.
    static EmptyDatabase pattern("sqlite");
    [[maybe_unused]] static bool migrated = (migrate(pattern.url()), true);
    url_ = new_sqlite_url();
    fs::copy_file(file_of(pattern.url()), file_of(url_));
    reopen();
}

TestDatabase::~TestDatabase() {
    database_.reset();
    std::error_code ignored;
    fs::remove_all(file_of(url_).parent_path(), ignored);
}

void TestDatabase::reopen() {
    database_.reset();
    store::Options options;
    options.url = url_;
    database_ = store::Database::open(options, clock_);
}

std::vector<std::string_view> engines() {
    return {"sqlite"};
}

void OnBothEngines::SetUp() {
    database_.emplace(GetParam(), clock);
}

}  // namespace support
