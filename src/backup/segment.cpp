#include "backup/segment.hpp"

#include "backup/checksums.hpp"

#include "core/random.hpp"
#include "http/gzip.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace backup {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "kontlog1";
constexpr std::size_t number_letters = 8;
constexpr const char* extension = ".log";
constexpr const char* unfinished = ".part";
constexpr int gzip_effort = 1;         // a busy shop commits tens of megabytes a second
constexpr std::size_t time_from = 11;  // "2026-11-22T" and then what RFC 3339 has colons in

void append_number(std::string& out, std::int64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(number >> shift);
}

std::string_view text_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Reads what append_number() and plain bytes have made; throws at the end of them.
class Parts {
public:
    explicit Parts(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::size_t length) {
        if (length > rest_.size()) throw std::runtime_error("it ends too early");
        auto taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }
    std::int64_t number() {
        std::uint64_t number = 0;
        for (char byte : take(8))
            number = number << 8 | static_cast<unsigned char>(byte);
        return static_cast<std::int64_t>(number);
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

std::string name_of(const Segment& segment) {
    std::string number = std::to_string(segment.number);
    number.insert(0, number_letters - std::min(number.size(), number_letters), '0');
    return number + "-" + name_at(segment.piece.commits.back().at) + extension;
}

SegmentName parsed_name(const fs::path& path) {
    const std::string name = path.stem().string();
    SegmentName parsed{path, 0, {}};
    const auto dash = name.find('-');
    if (path.extension() != extension || dash == name.npos) return parsed;
    const auto until = time_of_name(std::string_view(name).substr(dash + 1));
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + dash, number);
    if (!until || failed != std::errc{} || end != name.data() + dash) return parsed;
    return {path, number, *until};
}

Segment parse(std::string_view bytes) {
    Parts parts(bytes);
    if (parts.take(magic.size()) != magic) throw std::runtime_error("it is of another format");
    Segment segment;
    segment.number = parts.number();
    std::ranges::copy(parts.take(segment.previous.size()), segment.previous.begin());
    const std::int64_t commits = parts.number();
    for (std::int64_t i = 0; i < commits; ++i) {
        store::LogCommit commit;
        commit.frames = parts.number();
        commit.at.ms = parts.number();
        segment.piece.commits.push_back(commit);
    }
    const auto packed = parts.rest();
    segment.piece.frames =
        http::gunzipped({reinterpret_cast<const unsigned char*>(packed.data()), packed.size()});
    if (segment.piece.commits.empty()) throw std::runtime_error("it holds no commit");
    return segment;
}

}  // namespace

std::string name_at(core::Time time) {
    std::string name = core::to_rfc3339(time);
    std::ranges::replace(name, ':', '-');
    return name;
}

std::optional<core::Time> time_of_name(std::string_view name) {
    if (name.size() <= time_from) return {};
    std::string text(name);
    std::replace(text.begin() + time_from, text.end(), '-', ':');
    return core::from_rfc3339(text);
}

Digest write_segment(const fs::path& folder, const Segment& segment) {
    std::string bytes(magic);
    append_number(bytes, segment.number);
    bytes += text_of(segment.previous);
    append_number(bytes, static_cast<std::int64_t>(segment.piece.commits.size()));
    for (const store::LogCommit& commit : segment.piece.commits) {
        append_number(bytes, commit.frames);
        append_number(bytes, commit.at.ms);
    }
    const auto packed = http::gzipped(segment.piece.frames, gzip_effort);
    if (!packed) throw std::runtime_error("the log could not be packed");
    bytes += *packed;
    const Digest digest = core::fingerprint(bytes);
    bytes += text_of(digest);
    const fs::path file = folder / name_of(segment);
    const fs::path fresh = file.string() + unfinished;
    std::ofstream out(fresh, std::ios::binary);
    out << bytes;
    out.close();
    if (!out)
        throw std::runtime_error("can't write " + fresh.string() + ": is the folder there and not full?");
    flush(fresh);
    fs::rename(fresh, file);
    flush(folder);
    return digest;
}

std::vector<SegmentName> list_segments(const fs::path& folder) {
    std::vector<SegmentName> names;
    if (!fs::exists(folder)) return names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (auto name = parsed_name(entry.path()); name.number > 0) names.push_back(std::move(name));
    }
    std::ranges::sort(names, {}, &SegmentName::number);
    return names;
}

ReadSegment read_segment(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    ReadSegment read;
    if (bytes.size() < read.digest.size()) throw std::runtime_error("it ends too early");
    const auto content = std::string_view(bytes).substr(0, bytes.size() - read.digest.size());
    read.digest = core::fingerprint(content);
    if (!std::string_view(bytes).ends_with(text_of(read.digest))) throw std::runtime_error("it was altered");
    read.segment = parse(content);
    return read;
}

}  // namespace backup
