// Products by the thousand: files of them come in, created or changed by slug and SKU, and go out. Read and
// written as a stream, so a file may be larger than memory.
//
// The program makes one Bulk for its endpoints; commands call import_products() and ProductExport themselves.
#pragma once

#include "async/pool.hpp"
#include "bulk/html_text.hpp"
#include "bulk/pictures.hpp"
#include "catalog/catalog.hpp"
#include "core/csv.hpp"
#include "http/api.hpp"
#include "http/upload.hpp"

#include <atomic>

namespace bulk {

enum class Format { csv, ndjson };
BOOST_DESCRIBE_ENUM(Format, csv, ndjson)

inline constexpr std::size_t issues_shown_max =
    1000;  // of each kind, in an answer; a report file has them all

struct ImportReport {
    bool dry_run = false;
    std::string format;  // "Kontor CSV", "Shopify CSV"…
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    std::int64_t failed = 0;
    std::vector<ImportIssue> errors;  // the first ones
    std::vector<ImportIssue> notes;   // likewise
};
BOOST_DESCRIBE_STRUCT(ImportReport, (), (dry_run, format, created, updated, unchanged, failed, errors, notes))

// The file as a whole can't be taken: it is of something else, or breaks off. Says what to do about it.
struct UnreadableFile : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct ImportStopped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Source {
    core::ReadSome read;
    std::uint64_t size = 0;  // bytes
    Format format = Format::csv;
};
// By the file's name: .csv, .ndjson or .jsonl. Throws UnreadableFile.
Source open_source(const std::filesystem::path& file);

struct ImportOptions {
    bool dry_run = false;                    // do everything and keep nothing
    std::optional<core::Currency> currency;  // of prices that come without one
    std::string format = {};                 // the file must be of, as a report names it; empty: of any
    PictureSource pictures = {};
    std::function<void(const ImportIssue&, bool is_error)> on_issue = {};
    std::function<void(double share, std::int64_t products)> on_progress = {};  // `share` of the file, 0 to 1
    std::function<bool()> should_stop = {};
};

// One part of an import: a transaction that is tried again while the store is busy, which isn't the file's
// fault, and leaves others their turn behind it, so that a shop that is open goes on selling. A dry run does
// all of it and keeps nothing.
core::Result<void> write_part(store::Database& database, bool dry_run,
                              const std::function<core::Result<void>(store::Tx&)>& work);

// Good products go in, bad ones are reported. Commits in small parts and leaves room between them, so that a
// shop that is open goes on selling. Throws UnreadableFile, and ImportStopped when it should.
ImportReport import_products(store::Database& database, const core::Caller& caller, Source source,
                             const ImportOptions& options);

// All products, drafts too, in parts of some hundred, each as it is when its turn comes.
class ProductExport {
public:
    ProductExport(store::Database& database, Format format);
    // Empty at the end.
    std::string next();

private:
    std::string header();
    void learn_attributes();

    store::Database& database_;
    Format format_;
    bool begun_ = false;
    std::vector<std::string> attributes_;
    std::string after_;
};

class Bulk {
public:
    explicit Bulk(store::Database& database);
    void add_routes(http::Api& api);
    // Imports end behind the part they are at.
    void stop() { stopping_ = true; }

    // Uploads and downloads that run or wait.
    std::size_t importing() const { return importing_.waiting(); }
    std::size_t exporting() const { return exporting_.waiting(); }

private:
    store::Database& database_;
    async::Pool importing_;
    async::Pool exporting_;
    std::atomic<bool> stopping_{false};
};

}  // namespace bulk
