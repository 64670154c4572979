#include "core/csv.hpp"

#include <algorithm>

namespace core {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr int end_of_file = -1;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(ReadSome read) : read_(std::move(read)) {
    if (!fill()) return;
    if (std::string_view(buffer_).starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    choose_separator();
}

void CsvReader::choose_separator() {
    const std::string_view first = std::string_view(buffer_).substr(0, buffer_.find('\n'));
    std::ptrdiff_t most = 0;
    for (char candidate : {',', ';', '\t'}) {
        const auto count = std::ranges::count(first, candidate);
        if (count <= most) continue;
        most = count;
        separator_ = candidate;
    }
}

bool CsvReader::fill() {
    buffer_.resize(read_bytes);
    buffer_.resize(read_(buffer_));
    bytes_read_ += buffer_.size();
    at_ = 0;
    return !buffer_.empty();
}

int CsvReader::peek() {
    if (at_ == buffer_.size() && !fill()) return end_of_file;
    return static_cast<unsigned char>(buffer_[at_]);
}

int CsvReader::get() {
    const int c = peek();
    if (c != end_of_file) ++at_;
    if (c == '\n') ++line_;
    return c;
}

bool CsvReader::next(std::vector<std::string>& cells) {
    cells.assign(1, "");
    begin_ = line_;
    bool quoted = false;
    bool was_quoted = false;
    std::size_t bytes = 0;
    for (int c; (c = get()) != end_of_file;) {
        if (++bytes > csv_record_bytes_max) {
            throw EndlessRecord("line " + std::to_string(begin_) +
                                ": this record has no end. Is there a quotation mark that is never closed?");
        }
        std::string& cell = cells.back();
        if (quoted && c == '"' && peek() == '"') {
            cell += static_cast<char>(get());
        } else if (quoted && c == '"') {
            quoted = false;
        } else if (quoted) {
            cell += static_cast<char>(c);
        } else if (c == '"' && cell.empty() && !was_quoted) {
            quoted = was_quoted = true;
        } else if (c == separator_) {
            cells.emplace_back();
            was_quoted = false;
        } else if (c == '\n') {
            return true;
        } else if (c != '\r' || peek() != '\n') {
            cell += static_cast<char>(c);
        }
    }
    return bytes > 0;
}

void add_csv_record(std::string& out, std::span<const std::string> cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string& cell = cells[i];
        if (i > 0) out += ',';
        // What a reader would take for a separator, an end of line or spaces to cut off.
        const bool plain =
            cell.find_first_of(",;\t\"\r\n") == cell.npos && !cell.starts_with(' ') && !cell.ends_with(' ');
        if (plain) {
            out += cell;
            continue;
        }
        out += '"';
        for (char c : cell) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    out += "\r\n";
}

}  // namespace core
