// The checksums of a folder's files, in a file that `sha256sum --check` reads too. Only for this folder's own
// .cpp files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace backup {

inline constexpr const char* checksums_name = "SHA256SUMS";

// Writes <folder>/SHA256SUMS over all files below `folder`. Throws std::runtime_error if one can't be read.
void write_checksums(const std::filesystem::path& folder);
// A sentence for each file that is missing, altered or not listed.
std::vector<std::string> check_checksums(const std::filesystem::path& folder);

// Flushes a file, or the names in a folder, to the disk. Throws std::runtime_error.
void flush(const std::filesystem::path& path);
// Flushes every file and folder below `folder`, and itself, to the disk.
void flush_folder(const std::filesystem::path& folder);

}  // namespace backup
