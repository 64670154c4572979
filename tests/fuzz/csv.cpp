// Any bytes, in pieces of any size: the reader must end, and what it read must come back from what is written
// of it.
#include "core/csv.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using Records = std::vector<std::vector<std::string>>;

Records read(std::string_view text, std::size_t piece) {
    core::CsvReader reader([=, at = std::size_t{0}](std::span<char> room) mutable {
        const std::size_t size = std::min({room.size(), piece, text.size() - at});
        text.copy(room.data(), size, at);
        at += size;
        return size;
    });
    Records records;
    for (std::vector<std::string> cells; reader.next(cells);)
        records.push_back(cells);
    return records;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Records records = read(text, data[0] + std::size_t{1});
    // The first piece tells the separator: whole lines, so that the same one is chosen.
    if (text.find('\n') < data[0] && records != read(text, text.size())) std::abort();
    std::string written = ",,,,,,,,,,,,,,,,,,,,\r\n";
    for (const auto& record : records)
        core::add_csv_record(written, record);
    Records again = read(written, written.size());
    again.erase(again.begin());
    if (again != records) std::abort();
    return 0;
}
