// One file of shipped log: whole commits with their times, packed, and the fingerprint of the file before it,
// so that none can be missing, altered or exchanged unnoticed. Its layout is in docs/decisions/0018. Only for
// this folder's own .cpp files.
#pragma once

#include "core/time.hpp"
#include "store/sqlite_log.hpp"

#include <array>
#include <filesystem>
#include <vector>

namespace backup {

using Digest = std::array<unsigned char, 32>;  // BLAKE2b of the whole file; zeros stand before the first one

struct Segment {
    std::int64_t number = 0;  // from 1, of its generation
    Digest previous{};
    store::LogPiece piece;
};

// Writes <folder>/00000001-2026-11-23T07-00-05.123Z.log, the time being its last commit's, and returns its
// digest. Nothing has that name before it is whole and on the disk. Throws std::runtime_error.
Digest write_segment(const std::filesystem::path& folder, const Segment& segment);

// What the name says; no number: it is no segment's.
struct SegmentName {
    std::filesystem::path path;
    std::int64_t number = 0;
    core::Time until;
};
// By number.
std::vector<SegmentName> list_segments(const std::filesystem::path& folder);

struct ReadSegment {
    Segment segment;
    Digest digest{};
};
// Throws std::runtime_error if the file is damaged.
ReadSegment read_segment(const std::filesystem::path& file);

// "2026-11-22T20-30-00.123Z": sorts by time, and is a file's name anywhere.
std::string name_at(core::Time time);
std::optional<core::Time> time_of_name(std::string_view name);

}  // namespace backup
