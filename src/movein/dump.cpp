#include "movein/dump.hpp"

#include "core/json_read.hpp"

#include <algorithm>
#include <fstream>

namespace movein {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t metadata_bytes_max = 1 << 20;
// Databases that every MongoDB has for itself.
constexpr std::string_view own_databases[] = {"admin", "config", "local"};

// File names are escaped and cut; the whole name stands in the metadata.
std::string name_of(const fs::path& file) {
    fs::path metadata = file;
    metadata.replace_extension(".metadata.json");
    std::error_code missing;
    const auto size = fs::file_size(metadata, missing);
    if (missing || size > metadata_bytes_max) return file.stem().string();
    std::ifstream in(metadata, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto value = core::parse_json(text);
    const auto* object = value ? value->if_object() : nullptr;
    const auto* name = object ? object->if_contains("collectionName") : nullptr;
    return name && name->is_string() ? std::string(name->get_string()) : file.stem().string();
}

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
        entries.push_back(at->path());
    if (failed) throw UnreadableDump("can't read " + folder.string() + ": " + failed.message());
    std::ranges::sort(entries);
    return entries;
}

// One database's folder inside, as `mongodump` without --db leaves it.
fs::path database_in(const fs::path& folder, const std::vector<fs::path>& entries) {
    std::vector<fs::path> found;
    std::string names;
    for (const fs::path& entry : entries) {
        const std::string name = entry.filename().string();
        if (!fs::is_directory(entry) || std::ranges::find(own_databases, name) != std::end(own_databases))
            continue;
        found.push_back(entry);
        names += (names.empty() ? "" : ", ") + name;
    }
    if (found.size() == 1) return found.front();
    throw UnreadableDump(folder.string() + (found.empty()
                                                ? " has no .bson files: name the folder that mongodump wrote"
                                                : " has several databases: name one of " + names));
}

// A collection that would be left out unseen.
bool is_only_compressed(const fs::path& file) {
    return file.string().ends_with(".bson.gz") && !fs::exists(fs::path(file).replace_extension());
}

}  // namespace

std::vector<Collection> list_collections(const fs::path& folder) {
    if (fs::is_regular_file(folder)) {
        throw UnreadableDump(folder.string() +
                             " is a file: run mongodump without --archive, and name the folder it writes");
    }
    const auto entries = entries_of(folder);
    std::vector<Collection> collections;
    for (const fs::path& entry : entries) {
        if (is_only_compressed(entry))
            throw UnreadableDump(entry.string() +
                                 " is compressed: gunzip it, or run mongodump without --gzip");
        if (entry.extension() == ".bson" && fs::is_regular_file(entry))
            collections.push_back({name_of(entry), entry, fs::file_size(entry)});
    }
    return collections.empty() ? list_collections(database_in(folder, entries)) : collections;
}

}  // namespace movein
