// Rows out of files: NDJSON, CSV and BSON all become JSON objects.
#pragma once

#include "core/text.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <functional>

namespace account {

struct FileRow {
    std::int64_t line = 0;  // where it begins; of BSON, the number of the document
    core::Checked<boost::json::object> members;
    double share_read = 0;  // of the file
};

// Throws std::runtime_error if the file can't be read or is of no known kind.
void for_each_row(const std::filesystem::path& file, const std::function<void(FileRow)>& visit);

}  // namespace account
