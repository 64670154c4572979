// A product on its way from a file into the shop, with what is to be said about its lines. Only for this
// folder's own .cpp files.
#pragma once

#include "bulk/bulk.hpp"

namespace bulk {

struct Draft {
    std::int64_t line = 0;
    catalog::PutProduct product;
    std::vector<std::int64_t> variant_lines;  // by variant
    std::vector<ImportIssue> errors;          // with any of these it doesn't go in
    std::vector<ImportIssue> notes;
    bool is_empty = false;  // there is nothing to put: notes only
};

// What a file doesn't say.
struct Assumptions {
    std::optional<core::Currency> currency;
};

// Reads a file to its end and gives out what it holds, in order. Answers what kind of file it was. Throws
// UnreadableFile for one that isn't of products, or that breaks off.
class DraftReader {
public:
    DraftReader(Source source, const Assumptions& assumptions);
    ~DraftReader();
    // Empty at the end.
    std::optional<Draft> next();
    std::string_view format() const;
    double share_read() const;  // of the file

private:
    struct State;
    std::unique_ptr<State> state_;
};

// What is wrong with it by a JSON pointer, told with the line of the variant that it points to.
void add_errors(Draft& draft, const core::Error& error);

// "1,299.00" in EUR: 129900.
core::Checked<core::Price> price_from_text(std::string_view text, core::Currency currency);

}  // namespace bulk
