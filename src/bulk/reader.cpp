// Files to drafts: CSV of any dialect, a row after the other until a product is whole, and NDJSON, a product
// a line.
#include "bulk/table.hpp"

#include "core/json_read.hpp"

#include <boost/json/parse.hpp>

namespace bulk {
namespace {

constexpr const Dialect* dialects[] = {&shopify_csv, &woocommerce_csv, &vendure_csv, &spree_csv, &kontor_csv};
constexpr std::size_t rows_per_product_max = 1000;  // variants and pictures of one product
constexpr std::size_t line_bytes_max = core::csv_record_bytes_max;
constexpr std::size_t read_bytes = 64 * 1024;
// Of a file that has to be read whole before a product is: as much as comes in over HTTP.
constexpr std::uint64_t gathered_bytes_max = 256ULL << 20;

// Lines of text out of bytes that come in pieces.
class LineReader {
public:
    explicit LineReader(core::ReadSome read) : read_(std::move(read)) {}

    bool next(std::string& text) {
        text.clear();
        ++line_;
        for (;;) {
            const std::size_t end = buffer_.find('\n', at_);
            text.append(buffer_, at_, end - at_);
            if (text.size() > line_bytes_max)
                throw UnreadableFile("line " + std::to_string(line_) + " is longer than 1 MB");
            if (end != buffer_.npos) {
                at_ = end + 1;
                return true;
            }
            buffer_.resize(read_bytes);
            buffer_.resize(read_(buffer_));
            bytes_read_ += buffer_.size();
            at_ = 0;
            if (buffer_.empty()) return !text.empty();
        }
    }
    std::int64_t line() const { return line_; }
    std::uint64_t bytes_read() const { return bytes_read_; }

private:
    core::ReadSome read_;
    std::string buffer_;
    std::size_t at_ = 0;
    std::int64_t line_ = 0;
    std::uint64_t bytes_read_ = 0;
};

class CsvDrafts {
public:
    CsvDrafts(core::ReadSome read, const Assumptions& assumptions)
        : reader_(std::move(read)), assumptions_(assumptions) {
        std::vector<std::string> names;
        if (!next_record(names))
            throw UnreadableFile("the file is empty: its first line must name the columns");
        header_.emplace(std::move(names));
        choose_dialect();
    }

    std::optional<Draft> next() {
        const std::vector<Row> rows = dialect_->gather ? next_gathered() : next_together();
        if (rows.empty()) return {};
        Draft draft;
        draft.line = rows.front().line;
        if (!unread_.empty()) draft.notes.push_back({1, "columns_left_out", std::exchange(unread_, {})});
        for (const Row& row : rows) {
            if (row.broken) draft.errors.push_back(*row.broken);
        }
        if (draft.errors.empty()) dialect_->read(rows, assumptions_, draft);
        return draft;
    }

    std::string_view format() const { return dialect_->name; }
    std::uint64_t bytes_read() const { return reader_.bytes_read(); }

private:
    // The rows of the next product; none at the end.
    std::vector<Row> next_together() {
        std::vector<Row> rows;
        if (waiting_) rows.push_back(std::move(*waiting_));
        waiting_.reset();
        while (auto row = next_row()) {
            const bool full = rows.size() == rows_per_product_max;
            if (!rows.empty() && (full || !dialect_->belongs(rows.front(), *row))) {
                waiting_ = std::move(row);
                break;
            }
            rows.push_back(std::move(*row));
        }
        return rows;
    }

    std::vector<Row> next_gathered() {
        if (!gathered_) {
            std::vector<Row> rows;
            while (auto row = next_row()) {
                if (reader_.bytes_read() > gathered_bytes_max)
                    throw UnreadableFile(
                        "the file is larger than 256 MB: split it, each product in one part");
                rows.push_back(std::move(*row));
            }
            gathered_ = dialect_->gather(std::move(rows));
        }
        if (next_group_ == gathered_->size()) return {};
        return std::move((*gathered_)[next_group_++]);
    }

    void choose_dialect() {
        for (const Dialect* dialect : dialects) {
            if (!dialect_ && dialect->recognises(*header_)) dialect_ = dialect;
        }
        if (!dialect_) {
            throw UnreadableFile(
                "the first line doesn't name the columns of a product file: `sku` and `title` and so on, or "
                "those of a Shopify, WooCommerce, Spree or Vendure export");
        }
        for (const std::string& name : header_->names()) {
            if (name.empty() || dialect_->knows(name)) continue;
            unread_ += (unread_.empty() ? "" : ", ") + name;
        }
        if (!unread_.empty() && dialect_->refuses_unknown)
            throw UnreadableFile("there are columns that mean nothing here: " + unread_);
        if (!unread_.empty()) unread_.insert(0, "Nothing is taken from the columns ");
    }

    std::optional<Row> next_row() {
        Row row{0, {}, &*header_};
        while (next_record(row.cells)) {
            row.line = reader_.line();
            if (row.cells.size() == 1 && row.cells[0].empty()) continue;
            const std::size_t wanted = header_->names().size();
            // Spreadsheets leave out empty cells at the end.
            if (row.cells.size() < wanted) row.cells.resize(wanted);
            if (row.cells.size() > wanted)
                row.broken = {row.line, "wrong_cells", "The row has more cells than the header"};
            for (std::string& cell : row.cells) {
                if (!core::is_clean_utf8(cell))
                    row.broken = {row.line, "invalid_encoding", "The row isn't UTF-8 text"};
                if (dialect_->trims) cell = std::string(trimmed(cell));
            }
            return row;
        }
        return {};
    }

    bool next_record(std::vector<std::string>& cells) {
        try {
            return reader_.next(cells);
        } catch (const core::EndlessRecord& endless) {
            throw UnreadableFile(endless.what());
        }
    }

    core::CsvReader reader_;
    const Assumptions& assumptions_;
    std::optional<Header> header_;
    const Dialect* dialect_ = nullptr;
    std::optional<Row> waiting_;  // the first of the next product
    std::optional<std::vector<std::vector<Row>>> gathered_;
    std::size_t next_group_ = 0;
    std::string unread_;  // told once
};

class JsonDrafts {
public:
    explicit JsonDrafts(core::ReadSome read) : lines_(std::move(read)) {}

    std::optional<Draft> next() {
        std::string text;
        while (lines_.next(text)) {
            if (text.find_first_not_of(" \t\r") == text.npos) continue;
            Draft draft;
            draft.line = lines_.line();
            read(text, draft);
            return draft;
        }
        return {};
    }
    std::uint64_t bytes_read() const { return lines_.bytes_read(); }

private:
    // Not core::parse_json(), whose limits are those of a request's body: a product of a hundred variants has
    // more members.
    static void read(const std::string& text, Draft& draft) {
        boost::json::parse_options options;
        options.max_depth = core::json_depth_max;
        boost::system::error_code failed;
        const boost::json::value value = boost::json::parse(text, failed, {}, options);
        if (failed) {
            draft.errors.push_back({draft.line, "invalid_json", "The line isn't JSON: " + failed.message()});
            return;
        }
        core::FieldErrors errors;
        core::read_json(value, draft.product, core::JsonPath{}, errors);
        draft.variant_lines.assign(draft.product.variants.size(), draft.line);
        if (!errors.empty()) add_errors(draft, std::move(errors).to_error());
    }

    LineReader lines_;
};

}  // namespace

struct DraftReader::State {
    Assumptions assumptions;
    std::uint64_t size = 0;
    std::optional<CsvDrafts> csv;
    std::optional<JsonDrafts> json;
};

DraftReader::DraftReader(Source source, const Assumptions& assumptions) : state_(std::make_unique<State>()) {
    state_->assumptions = assumptions;
    state_->size = source.size;
    if (source.format == Format::csv)
        state_->csv.emplace(std::move(source.read), state_->assumptions);
    else
        state_->json.emplace(std::move(source.read));
}

DraftReader::~DraftReader() = default;

std::optional<Draft> DraftReader::next() {
    return state_->csv ? state_->csv->next() : state_->json->next();
}

std::string_view DraftReader::format() const {
    return state_->csv ? state_->csv->format() : "NDJSON";
}

double DraftReader::share_read() const {
    const std::uint64_t bytes = state_->csv ? state_->csv->bytes_read() : state_->json->bytes_read();
    return state_->size == 0 ? 1.0 : static_cast<double>(bytes) / static_cast<double>(state_->size);
}

Source open_source(const std::filesystem::path& file) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(file, missing);
    if (missing) throw UnreadableFile("can't read " + file.string() + ": " + missing.message());
    const std::string kind = file.extension().string();
    if (kind != ".csv" && kind != ".ndjson" && kind != ".jsonl")
        throw UnreadableFile("name the file .csv or .ndjson after what is in it");
    return {core::bytes_of(file), size, kind == ".csv" ? Format::csv : Format::ndjson};
}

}  // namespace bulk
