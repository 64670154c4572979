#include "app/secret.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

namespace app {
namespace {

// Made whole beside its place and then moved there: a crash leaves no half secret, and of two first starts
// one wins.
std::string make_secret_file(const std::filesystem::path& file) {
    std::string text = core::to_base64url(core::random_bytes<32>());
    std::filesystem::path fresh = file.string() + "." + std::to_string(::getpid());
    int handle = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (handle < 0)
        throw std::runtime_error("can't write " + fresh.string() + ": is the data folder writable?");
    bool written = ::write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                   ::fsync(handle) == 0;
    ::close(handle);
    bool placed = written && ::link(fresh.c_str(), file.c_str()) == 0;
    bool existed = !placed && std::filesystem::exists(file);
    ::unlink(fresh.c_str());
    if (!placed && !existed) throw std::runtime_error("can't write " + file.string());
    return placed ? text : std::string();
}

std::string read_secret_file(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string text;
    if (!std::getline(in, text) || text.empty())
        throw std::runtime_error("can't read the secret in " + file.string());
    return text;
}

}  // namespace

auth::Secret load_secret(const std::string& configured, const std::filesystem::path& data) {
    std::string text = configured;
    if (text.empty()) {
        std::filesystem::create_directories(data);
        auto file = data / "secret";
        if (!std::filesystem::exists(file)) text = make_secret_file(file);
        if (text.empty()) text = read_secret_file(file);
    }
    return core::fingerprint(text);
}

}  // namespace app
