// Files of pictures on disk: written beside and renamed, so that a name never shows half a picture (RE-5).
#include "media/media.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

namespace media {
namespace {

constexpr std::string_view served_extensions[] = {"webp", "jpg", "png"};

class File {
public:
    File(const std::filesystem::path& path, int flags)
        : path_(path), descriptor_(::open(path.c_str(), flags, 0644)) {
        if (descriptor_ < 0) fail("open");
    }
    ~File() { ::close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("write");
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void flush() {
        if (::fsync(descriptor_) != 0) fail("flush");
    }

private:
    [[noreturn]] void fail(const char* what) const {
        throw std::system_error(errno, std::generic_category(),
                                std::string("can't ") + what + " " + path_.string());
    }

    std::filesystem::path path_;
    int descriptor_;
};

}  // namespace

bool is_file_name(std::string_view name) {
    const std::size_t dot = name.find('.');
    if (dot == 0 || dot == name.npos || dot > 64) return false;
    const bool is_hex = std::ranges::all_of(
        name.substr(0, dot), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    return is_hex &&
           std::ranges::find(served_extensions, name.substr(dot + 1)) != std::end(served_extensions);
}

Folder::Folder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
}

std::string Folder::keep(std::string_view bytes, std::string_view extension) const {
    const std::string name = core::to_hex(core::short_fingerprint(bytes)) + "." + std::string(extension);
    if (!is_file_name(name))
        throw std::logic_error("pictures are webp, jpg or png, not " + std::string(extension));
    const std::filesystem::path target = path_ / name;
    if (std::filesystem::exists(target)) {
        // Kept anew: not to be swept away before a row speaks of it.
        std::filesystem::last_write_time(target, std::filesystem::file_time_type::clock::now());
        return name;
    }
    const std::filesystem::path beside = path_ / ("." + name + "." + core::to_hex(core::random_bytes<8>()));
    {
        File file(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
        file.write(bytes);
        file.flush();
    }
    std::filesystem::rename(beside, target);
    File(path_, O_RDONLY | O_DIRECTORY | O_CLOEXEC).flush();
    return name;
}

std::vector<std::string> Folder::list_older_than(std::chrono::seconds age) const {
    const auto before = std::filesystem::file_time_type::clock::now() - age;
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
        std::error_code gone;
        const std::string name = file.path().filename().string();
        // Names that begin with a dot are halves of a write that a kill ended.
        const bool is_ours = is_file_name(name) || name.starts_with('.');
        if (is_ours && file.last_write_time(gone) <= before && !gone) names.push_back(name);
    }
    return names;
}

void Folder::remove(const std::string& name) const {
    std::error_code ignored;
    std::filesystem::remove(path_ / name, ignored);
}

std::optional<std::string> Folder::find(std::string_view name) const {
    if (!is_file_name(name)) return {};
    std::ifstream file(path_ / name, std::ios::binary | std::ios::ate);
    if (!file) return {};
    std::string bytes(static_cast<std::size_t>(file.tellg()), '\0');
    file.seekg(0);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file) throw std::runtime_error("can't read " + (path_ / name).string());
    return bytes;
}

}  // namespace media
