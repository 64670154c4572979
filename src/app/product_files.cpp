#include "app/product_files.hpp"

#include "app/app.hpp"
#include "app/progress_bar.hpp"

#include "core/json_write.hpp"
#include "core/or_throw.hpp"

#include <fstream>
#include <iostream>

namespace app {
namespace {

// What an import has to say about lines of its file: a table of its own, begun when there is something to
// say.
class ReportFile {
public:
    explicit ReportFile(std::filesystem::path path) : path_(std::move(path)) {}

    void add(const bulk::ImportIssue& issue, bool is_error) {
        if (!out_.is_open()) {
            out_.open(path_, std::ios::binary | std::ios::trunc);
            if (!out_)
                throw std::runtime_error("can't write the report to " + path_.string() + ": choose --report");
            write({"line", "kind", "code", "message"});
        }
        write({std::to_string(issue.line), is_error ? "error" : "note", issue.code, issue.message});
        ++(is_error ? errors_ : notes_);
    }

    void tell() {
        if (!out_.is_open()) return;
        out_.flush();
        std::cout << errors_ << " errors and " << notes_ << " notes are in " << path_.string() << "\n";
    }

private:
    void write(const std::vector<std::string>& cells) {
        std::string line;
        core::add_csv_record(line, cells);
        out_ << line;
    }

    std::filesystem::path path_;
    std::ofstream out_;
    std::int64_t errors_ = 0;
    std::int64_t notes_ = 0;
};

core::Caller commander() {
    core::Caller caller;
    caller.permissions = {core::Permission::catalog_write};
    return caller;
}

bulk::ImportOptions options_of(const ProductImport& asked, App& app) {
    bulk::ImportOptions options;
    options.dry_run = asked.dry_run;
    options.format = asked.format;
    if (!asked.currency.empty()) {
        auto currency = core::Currency::from_text(asked.currency);
        if (!currency) throw std::runtime_error("--currency " + currency.error().message + ".");
        options.currency = *currency;
    }
    if (!asked.pictures.empty()) {
        if (!std::filesystem::is_directory(asked.pictures))
            throw std::runtime_error("--pictures: there is no folder " + asked.pictures.string() + ".");
        options.pictures = {&app.pictures(), asked.pictures};
    }
    return options;
}

}  // namespace

int import_products(const Config& config, const ProductImport& asked) {
    App app(config);
    auto options = options_of(asked, app);
    ReportFile report_file(asked.report.empty() ? asked.file.string() + ".report.csv"
                                                : asked.report.string());
    options.on_issue = [&](const bulk::ImportIssue& issue, bool is_error) {
        report_file.add(issue, is_error);
    };
    const auto began = std::chrono::steady_clock::now();
    bulk::ImportReport report;
    {
        ProgressBar progress("products");
        options.on_progress = [&](double share, std::int64_t count) { progress.show(share, count); };
        report = bulk::import_products(app.database(), commander(), bulk::open_source(asked.file), options);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    if (!asked.dry_run) {
        core::or_throw(store::write_now(app.database(), [&](store::Tx& tx) {
            audit::record_command(tx, "import products", asked.file.filename().string(),
                                  "{\"created\":" + std::to_string(report.created) +
                                      ",\"updated\":" + std::to_string(report.updated) + "}");
        }));
    }
    const std::int64_t products = report.created + report.updated + report.unchanged + report.failed;
    std::cout << (asked.dry_run ? "dry run, nothing is kept: " : "") << report.format << ": "
              << report.created << " created, " << report.updated << " updated, " << report.unchanged
              << " unchanged, " << report.failed << " failed; " << products << " products in "
              << std::llround(took.count()) << " s, "
              << std::llround(static_cast<double>(products) / std::max(took.count(), 1e-3)) << "/s\n";
    report_file.tell();
    return report.failed == 0 ? 0 : 1;
}

int export_products(const Config& config, const std::filesystem::path& file) {
    const std::string kind = file.extension().string();
    if (kind != ".csv" && kind != ".ndjson" && kind != ".jsonl")
        throw std::runtime_error("name the file .csv or .ndjson after what it shall be");
    App app(config);
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    bulk::ProductExport products(app.database(), kind == ".csv" ? bulk::Format::csv : bulk::Format::ndjson);
    for (std::string part = products.next(); !part.empty(); part = products.next())
        out << part;
    out.close();
    if (!out) throw std::runtime_error("can't write " + file.string());
    std::cout << file.string() << " has all products\n";
    return 0;
}

}  // namespace app
