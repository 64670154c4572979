#include "account/import_rows.hpp"

#include "core/bson.hpp"
#include "core/csv.hpp"
#include "core/json_read.hpp"

#include <fstream>

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

void read_ndjson(const std::filesystem::path& file, double size, const Visit& visit) {
    std::ifstream in(file, std::ios::binary);
    double read = 0;
    std::string text;
    for (std::int64_t line = 1; std::getline(in, text); ++line) {
        read += static_cast<double>(text.size()) + 1;
        if (text.ends_with('\r')) text.pop_back();
        if (text.empty()) continue;
        auto members = text.size() > row_bytes_max
                           ? std::unexpected(core::Refusal{"too_long", "must have at most 1 MB"})
                           : object_in(text);
        visit({line, std::move(members), read / size});
    }
}

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

void read_csv(const std::filesystem::path& file, double size, const Visit& visit) {
    core::CsvReader reader(core::bytes_of(file));
    std::vector<std::string> names;
    std::vector<std::string> cells;
    if (!reader.next(names))
        throw std::runtime_error("the file is empty: its first line must name the columns");
    while (reader.next(cells)) {
        if (cells.size() == 1 && cells[0].empty()) continue;
        visit({reader.line(), object_of(names, cells), static_cast<double>(reader.bytes_read()) / size});
    }
}

void read_bson(const std::filesystem::path& file, double size, const Visit& visit) {
    core::BsonReader reader(core::bytes_of(file));
    while (auto document = reader.next())
        visit({document->number, std::move(document->members),
               static_cast<double>(reader.bytes_read()) / size});
}

}  // namespace

void for_each_row(const std::filesystem::path& file, const Visit& visit) {
    std::error_code missing;
    auto size = static_cast<double>(std::filesystem::file_size(file, missing));
    if (missing) throw std::runtime_error("can't read " + file.string() + ": " + missing.message());
    std::string kind = file.extension().string();
    if (kind == ".bson") return read_bson(file, size, visit);
    if (kind == ".csv") return read_csv(file, size, visit);
    if (kind == ".ndjson" || kind == ".jsonl" || kind == ".json") return read_ndjson(file, size, visit);
    throw std::runtime_error("name the file .ndjson, .csv or .bson after what is in it");
}

}  // namespace account
