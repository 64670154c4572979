#include "account/import_rows.hpp"

#include "core/json_read.hpp"

#include <bson/bson.h>

#include <fstream>
#include <memory>

namespace account {
namespace {

using boost::json::object;
using Visit = std::function<void(FileRow)>;

constexpr std::size_t row_bytes_max = 1 << 20;  // of an account; more is no account

core::Checked<object> object_in(std::string_view json) {
    auto value = core::parse_json(json);
    if (!value) return std::unexpected(core::Refusal{"invalid_json", value.error().detail});
    if (!value->is_object()) return std::unexpected(core::Refusal{"wrong_type", "must be a JSON object"});
    return std::move(value->get_object());
}

double share_of(std::istream& in, double size) {
    auto at = in.tellg();
    return at < 0 || size == 0 ? 1.0 : static_cast<double>(at) / size;
}

void read_ndjson(std::istream& in, double size, const Visit& visit) {
    std::string text;
    for (std::int64_t line = 1; std::getline(in, text); ++line) {
        if (text.ends_with('\r')) text.pop_back();
        if (text.empty()) continue;
        auto members = text.size() > row_bytes_max
                           ? std::unexpected(core::Refusal{"too_long", "must have at most 1 MB"})
                           : object_in(text);
        visit({line, std::move(members), share_of(in, size)});
    }
}

// Cells of one record (RFC 4180): quoted ones may hold commas, doubled quotes and line ends. False at the
// end.
class CsvReader {
public:
    explicit CsvReader(std::istream& in) : in_(in) {}

    bool next(std::vector<std::string>& cells) {
        cells.assign(1, "");
        begin_ = line_;
        bool quoted = false;
        std::size_t bytes = 0;
        for (int c; (c = in_.get()) != EOF;) {
            if (c == '\n') ++line_;
            if (++bytes > row_bytes_max)
                throw std::runtime_error("line " + std::to_string(begin_) + " has no end");
            if (quoted) {
                if (c != '"') {
                    cells.back() += static_cast<char>(c);
                } else if (in_.peek() == '"') {
                    cells.back() += static_cast<char>(in_.get());
                } else {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',') {
                cells.emplace_back();
            } else if (c == '\n') {
                return true;
            } else if (c != '\r') {
                cells.back() += static_cast<char>(c);
            }
        }
        return cells.size() > 1 || !cells.back().empty();
    }
    std::int64_t line() const { return begin_; }  // where the record began

private:
    std::istream& in_;
    std::int64_t line_ = 1;
    std::int64_t begin_ = 1;
};

core::Checked<object> object_of(const std::vector<std::string>& names,
                                const std::vector<std::string>& cells) {
    if (names.size() != cells.size()) {
        return std::unexpected(core::Refusal{"wrong_cells", "must have " + std::to_string(names.size()) +
                                                                " cells, as the header has, not " +
                                                                std::to_string(cells.size())});
    }
    object members;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!core::is_clean_utf8(cells[i]))
            return std::unexpected(core::Refusal{"invalid_format", names[i] + " must be UTF-8 text"});
        if (!cells[i].empty()) members[names[i]] = cells[i];
    }
    return members;
}

void read_csv(std::istream& in, double size, const Visit& visit) {
    CsvReader reader(in);
    std::vector<std::string> names;
    std::vector<std::string> cells;
    if (!reader.next(names))
        throw std::runtime_error("the file is empty: its first line must name the columns");
    if (names[0].starts_with("\xEF\xBB\xBF")) names[0].erase(0, 3);  // what spreadsheets put in front
    while (reader.next(cells)) {
        if (cells.size() == 1 && cells[0].empty()) continue;
        visit({reader.line(), object_of(names, cells), share_of(in, size)});
    }
}

// Not a unique_ptr: that would lose the alignment that libbson declares its readers with.
class BsonReader {
public:
    explicit BsonReader(bson_reader_t* reader) : reader_(reader) {}
    ~BsonReader() {
        if (reader_) bson_reader_destroy(reader_);
    }
    BsonReader(const BsonReader&) = delete;
    BsonReader& operator=(const BsonReader&) = delete;
    bson_reader_t* get() const { return reader_; }

private:
    bson_reader_t* reader_;
};

void read_bson(const std::filesystem::path& file, double size, const Visit& visit) {
    bson_error_t failure;
    BsonReader reader(bson_reader_new_from_file(file.c_str(), &failure));
    if (!reader.get()) throw std::runtime_error(failure.message);
    bool at_end = false;
    std::int64_t number = 0;
    while (const bson_t* document = bson_reader_read(reader.get(), &at_end)) {
        ++number;
        std::unique_ptr<char, decltype(&bson_free)> json(bson_as_relaxed_extended_json(document, nullptr),
                                                         bson_free);
        auto members =
            json ? object_in(json.get())
                 : std::unexpected(core::Refusal{"invalid_bson", "must be a BSON document of UTF-8 text"});
        visit({number, std::move(members), static_cast<double>(bson_reader_tell(reader.get())) / size});
    }
    if (!at_end || static_cast<double>(bson_reader_tell(reader.get())) < size)
        throw std::runtime_error("the file is damaged behind document " + std::to_string(number));
}

}  // namespace

void for_each_row(const std::filesystem::path& file, const Visit& visit) {
    std::error_code missing;
    auto size = static_cast<double>(std::filesystem::file_size(file, missing));
    if (missing) throw std::runtime_error("can't read " + file.string() + ": " + missing.message());
    std::string kind = file.extension().string();
    if (kind == ".bson") return read_bson(file, size, visit);
    std::ifstream in(file, std::ios::binary);
    if (kind == ".csv") return read_csv(in, size, visit);
    if (kind == ".ndjson" || kind == ".jsonl" || kind == ".json") return read_ndjson(in, size, visit);
    throw std::runtime_error("name the file .ndjson, .csv or .bson after what is in it");
}

}  // namespace account
