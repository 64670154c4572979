#include "app/move_in.hpp"

#include "app/app.hpp"
#include "app/progress_bar.hpp"

#include "core/json_write.hpp"
#include "core/or_throw.hpp"
#include "movein/movein.hpp"

#include <fstream>
#include <iomanip>
#include <iostream>

namespace app {
namespace {

using movein::Outcome;

constexpr Outcome outcomes[] = {Outcome::created, Outcome::updated, Outcome::unchanged, Outcome::skipped,
                                Outcome::refused};

std::string name_of(auto enumerator) {
    return boost::describe::enum_to_string(enumerator, "");
}

// A row for each document that came in, didn't, or has something to be said about it; begun with the first.
class RowFile {
public:
    explicit RowFile(std::filesystem::path path) : path_(std::move(path)) {}

    void add(const movein::MovedRow& row) {
        if (!out_.is_open()) {
            out_.open(path_, std::ios::binary | std::ios::trunc);
            if (!out_)
                throw std::runtime_error("can't write the report to " + path_.string() + ": choose --report");
        }
        out_ << core::to_json(row) << "\n";
        if (row.code.empty()) return;
        auto& [count, example] = reasons_[row.outcome + " " + row.code];
        if (++count == 1) example = row.message;
    }

    void tell() {
        for (const auto& [what, reason] : reasons_)
            std::cout << std::setw(7) << reason.first << " × " << what << ": " << reason.second << "\n";
        if (!out_.is_open()) return;
        out_.close();
        if (!out_)
            throw std::runtime_error(
                "What came in is kept, but the report in " + path_.string() +
                " is not whole: is the disk full? The same import again tells of what didn't "
                "come in.");
        std::cout << "Every document by its _id: " << path_.string() << "\n";
    }

private:
    std::filesystem::path path_;
    std::ofstream out_;
    std::map<std::string, std::pair<std::int64_t, std::string>> reasons_;  // how often, and the first of them
};

// With its name at the end, which "." and a slash would hide.
std::filesystem::path plain(const std::filesystem::path& folder) {
    auto path = std::filesystem::absolute(folder).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

movein::MoveInOptions options_of(const MongodumpImport& asked, App& app) {
    movein::MoveInOptions options;
    options.dry_run = asked.dry_run;
    if (!asked.mapping.empty()) options.mapping = movein::read_mapping(asked.mapping);
    if (!asked.currency.empty()) {
        auto currency = core::Currency::from_text(asked.currency);
        if (!currency) throw std::runtime_error("--currency " + currency.error().message + ".");
        options.mapping.currency = *currency;
    }
    if (!asked.pictures.empty()) {
        if (!std::filesystem::is_directory(asked.pictures))
            throw std::runtime_error("--pictures: there is no folder " + asked.pictures.string() + ".");
        options.pictures = {&app.pictures(), asked.pictures};
    }
    options.carts.lifetime = app.config().cart_lifetime;
    options.on_hash = [&app](const std::string& hash) { app.auth().learn_kind_of(hash); };
    return options;
}

std::string summary_of(const movein::CollectionSums& sums) {
    std::string text;
    for (Outcome outcome : outcomes) {
        const auto found = sums.documents.find(outcome);
        const std::int64_t count = found == sums.documents.end() ? 0 : found->second;
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name_of(outcome);
    }
    return text;
}

bool changed_nothing(const movein::MoveInReport& report) {
    return std::ranges::all_of(report.taken, [](const movein::CollectionSums& sums) {
        return !sums.documents.contains(Outcome::created) && !sums.documents.contains(Outcome::updated);
    });
}

void tell(const movein::MoveInReport& report, bool dry_run) {
    if (dry_run) std::cout << "dry run, nothing is kept:\n";
    for (const movein::CollectionSums& sums : report.taken) {
        const bool renamed = sums.collection != name_of(sums.kind);
        std::cout << name_of(sums.kind) << (renamed ? " (" + sums.collection + ")" : "") << ": "
                  << summary_of(sums) << "\n";
    }
    std::string left;
    for (const std::string& collection : report.not_taken)
        left += (left.empty() ? "" : ", ") + collection;
    if (!left.empty()) std::cout << "not taken: " << left << "\n";
    if (changed_nothing(report)) std::cout << "Nothing has changed since the last time.\n";
}

void record(App& app, const MongodumpImport& asked, const movein::MoveInReport& report) {
    boost::json::object sums;
    for (const movein::CollectionSums& one : report.taken)
        sums[name_of(one.kind)] = summary_of(one);
    core::or_throw(store::write_now(app.database(), [&](store::Tx& tx) {
        audit::record_command(tx, "import mongodump", plain(asked.folder).filename().string(),
                              boost::json::serialize(sums));
    }));
}

}  // namespace

int import_mongodump(const Config& config, const MongodumpImport& asked) {
    App app(config);
    auto options = options_of(asked, app);
    RowFile rows(asked.report.empty() ? plain(asked.folder) += ".report.ndjson" : asked.report);
    options.on_row = [&](const movein::MovedRow& row) { rows.add(row); };
    movein::MoveInReport report;
    {
        ProgressBar progress("documents");
        options.on_progress = [&](double share, std::int64_t count) { progress.show(share, count); };
        report = movein::import_mongodump(app.database(), asked.folder, options);
    }
    if (!asked.dry_run) record(app, asked, report);
    tell(report, asked.dry_run);
    rows.tell();
    return report.has_refused() ? 1 : 0;
}

}  // namespace app
