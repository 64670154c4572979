// `kontor import mongodump DIR`: a Mongoose shop moves in, with a summary on the terminal and a row for each
// document in a report file.
#pragma once

#include "app/config.hpp"

namespace app {

struct MongodumpImport {
    std::filesystem::path folder;
    bool dry_run = false;
    std::filesystem::path mapping;   // the file that says what things are called
    std::string currency;            // of prices that come without one; else the mapping's
    std::filesystem::path pictures;  // the folder with the pictures that products name
    std::filesystem::path report;    // else the folder's name and ".report.ndjson"
};

// 0 if nothing was refused.
int import_mongodump(const Config& config, const MongodumpImport& asked);

}  // namespace app
