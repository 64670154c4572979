// Comma-separated values (RFC 4180) as a stream: records out of bytes that come in pieces, and back. No I/O
// of its own.
#pragma once

#include "core/read_some.hpp"

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace core {

inline constexpr std::size_t csv_record_bytes_max = 1 << 20;  // a product's description and then some

// What a quotation mark that nobody closed makes of the rest of a file.
struct EndlessRecord : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Quoted cells may hold separators, doubled quotes and line ends; a quote inside a cell that doesn't begin
// with one stands for itself (24" lamp). The separator is what the first line has most of: a comma, a
// semicolon or a tab, as spreadsheets write them. A byte order mark in front is left out.
class CsvReader {
public:
    explicit CsvReader(ReadSome read);

    // False at the end. Throws EndlessRecord.
    bool next(std::vector<std::string>& cells);

    std::int64_t line() const { return begin_; }  // where the last record began; the first line is 1
    std::uint64_t bytes_read() const { return bytes_read_; }

private:
    int get();
    int peek();
    bool fill();
    void choose_separator();

    ReadSome read_;
    std::string buffer_;
    std::size_t at_ = 0;
    char separator_ = ',';
    std::int64_t line_ = 1;
    std::int64_t begin_ = 1;
    std::uint64_t bytes_read_ = 0;
};

void add_csv_record(std::string& out, std::span<const std::string> cells);

}  // namespace core
