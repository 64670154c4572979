#include "backup/checksums.hpp"

#include "core/encoding.hpp"

#include <openssl/evp.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk_bytes = 1 << 20;
constexpr std::size_t digest_letters =
    64;  // SHA-256 in hex; sha256sum puts two spaces between it and the name

std::string sha256_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    std::string chunk(chunk_bytes, '\0');
    while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.gcount() > 0)
        EVP_DigestUpdate(digest.get(), chunk.data(), static_cast<std::size_t>(file.gcount()));
    if (!file.eof()) throw std::runtime_error("can't read " + path.string());
    std::array<unsigned char, digest_letters / 2> bytes{};
    EVP_DigestFinal_ex(digest.get(), bytes.data(), nullptr);
    return core::to_hex(bytes);
}

// Relative names of all files but the list itself.
std::vector<std::string> list_files(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        std::string name = entry.path().lexically_relative(folder).string();
        if (entry.is_regular_file() && name != checksums_name) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
}

std::map<std::string, std::string> read_checksums(const fs::path& folder) {
    std::map<std::string, std::string> sums;
    std::ifstream file(folder / checksums_name);
    for (std::string line; std::getline(file, line);) {
        if (line.size() > digest_letters + 2)
            sums.emplace(line.substr(digest_letters + 2), line.substr(0, digest_letters));
    }
    return sums;
}

}  // namespace

void write_checksums(const fs::path& folder) {
    std::ofstream list(folder / checksums_name);
    for (const std::string& name : list_files(folder))
        list << sha256_of(folder / name) << "  " << name << "\n";
    list.close();
    if (!list) throw std::runtime_error("can't write " + (folder / checksums_name).string());
}

std::vector<std::string> check_checksums(const fs::path& folder) {
    std::vector<std::string> faults;
    auto sums = read_checksums(folder);
    if (sums.empty()) faults.push_back(std::string(checksums_name) + " is missing or empty");
    for (const std::string& name : list_files(folder)) {
        auto listed = sums.extract(name);
        if (!listed) {
            faults.push_back(name + " is not listed in " + checksums_name);
        } else if (listed.mapped() != sha256_of(folder / name)) {
            faults.push_back(name + " was altered");
        }
    }
    for (const auto& [name, sum] : sums)
        faults.push_back(name + " is missing");
    return faults;
}

void flush(const fs::path& path) {
    int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    bool flushed = handle >= 0 && ::fsync(handle) == 0;
    const int why = errno;
    if (handle >= 0) ::close(handle);
    if (!flushed) throw std::system_error(why, std::generic_category(), "can't flush " + path.string());
}

void flush_folder(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        flush(entry.path());
    flush(folder);
}

}  // namespace backup
