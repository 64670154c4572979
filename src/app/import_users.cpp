#include "app/import_users.hpp"

#include "app/progress_bar.hpp"

#include "account/import.hpp"
#include "core/or_throw.hpp"

#include <iostream>

namespace app {

int import_users(const Config& config, const std::filesystem::path& file, bool with_roles) {
    App app(config);
    account::ImportOptions options{
        .with_roles = with_roles, .on_error = {}, .on_progress = {}, .on_hash = {}};
    ProgressBar progress("rows");
    options.on_error = [&](const account::RowError& error) {
        progress.clear();
        std::cerr << "line " << error.line << ": " << error.code << ": " << error.message << "\n";
    };
    options.on_progress = [&](double share, std::int64_t rows) { progress.show(share, rows); };
    options.on_hash = [&app](const std::string& hash) { app.auth().learn_kind_of(hash); };
    auto report = account::import_users(app.database(), file, options);
    core::or_throw(store::write_now(app.database(), [&](store::Tx& tx) {
        audit::record_command(tx, "import users", file.filename().string(),
                              "{\"created\":" + std::to_string(report.created) + "}");
    }));
    std::cout << report.created << " created, " << report.known << " known already, " << report.failed
              << " failed\n";
    return report.failed == 0 ? 0 : 1;
}

}  // namespace app
