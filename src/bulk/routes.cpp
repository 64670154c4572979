#include "bulk/bulk.hpp"

#include "core/or_throw.hpp"

namespace bulk {
namespace {

constexpr http::Access staff = http::needs(core::Permission::catalog_write);

constexpr std::uint64_t import_bytes_max = 256ULL
                                           << 20;  // some hundred thousand products; more come by command
constexpr unsigned threads = 1;                    // imports wait for each other: they write the same rows
constexpr std::size_t waiting_max = 8;

struct NewImport {
    bool dry_run = false;
    std::optional<core::Currency> currency;
    std::shared_ptr<const http::Upload> upload;
    std::string content_type;
};
BOOST_DESCRIBE_STRUCT(NewImport, (), (dry_run, currency))

struct ExportQuery {
    std::optional<Format> format;  // else csv
};
BOOST_DESCRIBE_STRUCT(ExportQuery, (), (format))

Source source_of(const NewImport& import) {
    auto read = [upload = import.upload, offset = std::uint64_t{0}](std::span<char> room) mutable {
        const std::size_t size = upload->read(offset, room);
        offset += size;
        return size;
    };
    const bool is_csv = import.content_type.starts_with("text/csv");
    return {std::move(read), import.upload->size(), is_csv ? Format::csv : Format::ndjson};
}

// A file that isn't one of products is the client's mistake.
core::Result<ImportReport> run_import(store::Database& database, const core::Caller& caller,
                                      const NewImport& import, const std::atomic<bool>& stopping) {
    ImportOptions options;
    options.dry_run = import.dry_run;
    options.currency = import.currency;
    options.should_stop = [&stopping] { return stopping.load(); };
    try {
        return import_products(database, caller, source_of(import), options);
    } catch (const UnreadableFile& failure) {
        return core::fail(core::ErrorCode::validation_failed, failure.what());
    } catch (const ImportStopped& stopped) {
        return core::fail(core::ErrorCode::overloaded, stopped.what());
    }
}

// The export's parts, each read on a thread where it may take its time.
class ExportParts final : public http::Parts {
public:
    ExportParts(store::Database& database, Format format, async::Pool& pool)
        : export_(database, format), pool_(pool) {}

    boost::asio::awaitable<std::string> next() override {
        co_return core::or_throw(co_await pool_.run([this] { return export_.next(); }));
    }

private:
    ProductExport export_;
    async::Pool& pool_;
};

}  // namespace

Bulk::Bulk(store::Database& database)
    : database_(database), importing_(threads, waiting_max), exporting_(threads, waiting_max) {}

void Bulk::add_routes(http::Api& api) {
    api.post("/v1/products/import", staff,
             "Create and change products by a file: our CSV, Shopify's, WooCommerce's, Spree's or Vendure's, "
             "or NDJSON with "
             "a product a "
             "line. Good ones go in, bad ones are reported")
        .takes({"text/csv", "application/x-ndjson"}, import_bytes_max)
        .runs([this](const core::Caller& caller,
                     NewImport import) -> boost::asio::awaitable<core::Result<ImportReport>> {
            auto work = [&] { return run_import(database_, caller, import, stopping_); };
            auto report = co_await importing_.run(work);
            if (!report) co_return std::unexpected(std::move(report.error()));
            co_return std::move(*report);
        })
        .repeatable();
    api.get("/v1/products/export", staff, "All products, drafts too, as a file that can be imported")
        .downloads({"text/csv", "application/x-ndjson"},
                   [this](const core::Caller&,
                          ExportQuery query) -> boost::asio::awaitable<core::Result<http::Download>> {
                       const Format format = query.format.value_or(Format::csv);
                       auto parts = std::make_shared<ExportParts>(database_, format, exporting_);
                       if (format == Format::csv) co_return http::Download{"text/csv", "products.csv", parts};
                       co_return http::Download{"application/x-ndjson", "products.ndjson", parts};
                   });
}

}  // namespace bulk
