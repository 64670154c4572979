// The folder that mongodump wrote: a .bson file for each collection, and beside it what MongoDB knows of it
// (.metadata.json). Only for this folder's own .cpp files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace movein {

// It isn't one. Says what to do about it.
struct UnreadableDump : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Collection {
    std::string name;
    std::filesystem::path file;
    std::uint64_t size = 0;  // bytes
};

// By name. A folder with one database's folder in it is that database's. Throws UnreadableDump.
std::vector<Collection> list_collections(const std::filesystem::path& folder);

}  // namespace movein
