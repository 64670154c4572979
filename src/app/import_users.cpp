#include "app/import_users.hpp"

#include "account/import.hpp"

#include <unistd.h>

#include <iostream>

namespace app {
namespace {

// On a terminal; a log file needs no bar.
void show_progress(double share, std::int64_t rows) {
    constexpr std::size_t width = 40;
    auto done = static_cast<std::size_t>(share * width);
    std::cerr << "\r[" << std::string(done, '#') << std::string(width - std::min(done, width), '.') << "] "
              << static_cast<int>(share * 100) << " %  " << rows << " rows" << std::flush;
}

}  // namespace

int import_users(const Config& config, const std::filesystem::path& file, bool with_roles) {
    App app(config);
    account::ImportOptions options{.with_roles = with_roles, .on_error = {}, .on_progress = {}};
    options.on_error = [](const account::RowError& error) {
        std::cerr << "\rline " << error.line << ": " << error.code << ": " << error.message << "\n";
    };
    if (::isatty(STDERR_FILENO) == 1) options.on_progress = show_progress;
    auto report = account::import_users(app.database(), file, options);
    if (options.on_progress) std::cerr << "\n";
    auto recorded = store::write_now(app.database(), [&](store::Tx& tx) {
        audit::record_command(tx, "import users", file.filename().string(),
                              "{\"created\":" + std::to_string(report.created) + "}");
    });
    if (!recorded) throw std::runtime_error(recorded.error().detail);
    std::cout << report.created << " created, " << report.known << " known already, " << report.failed
              << " failed\n";
    return report.failed == 0 ? 0 : 1;
}

}  // namespace app
