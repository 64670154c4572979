// Letters as files, for a shop without an SMTP server. Written beside and renamed, so that a name never shows
// half a letter.
#include "mail/message.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace mail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t letters_kept_max = 1000;  // a folder that nobody empties must not fill the disk
constexpr std::size_t tidied_every = 100;       // letters: listing a folder costs more than writing one

void write_file(const fs::path& file, std::string_view bytes) {
    fs::path fresh = file.string() + ".part";
    int handle = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (handle < 0) throw std::system_error(errno, std::generic_category(), "can't write " + fresh.string());
    while (!bytes.empty()) {
        ssize_t written = ::write(handle, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            int failure = errno;
            ::close(handle);
            throw std::system_error(failure, std::generic_category(), "can't write " + fresh.string());
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    ::close(handle);
    fs::rename(fresh, file);
}

// "2026-11-22T20-30-00.123Z-password_reset-…": sorts by time.
std::string name_of(const Message& message) {
    std::string name = core::to_rfc3339(message.written_at) + "-" + message.kind + "-" + message.id;
    std::ranges::replace(name, ':', '-');
    return name;
}

void remove_oldest(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt") files.push_back(entry.path());
    }
    if (files.size() <= letters_kept_max) return;
    std::ranges::sort(files);
    files.resize(files.size() - letters_kept_max);
    for (fs::path& file : files) {
        fs::remove(file);
        fs::remove(file.replace_extension(".html"));
    }
}

Delivery write_letter(const fs::path& folder, const Message& message, bool tidy) try {
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    std::string text;
    for (const std::string& header : message.headers())
        text += (header.starts_with("Subject: ") ? "Subject: " + message.subject.str() : header) + "\n";
    fs::path file = folder / name_of(message);
    write_file(file.string() + ".html", message.html);
    write_file(file.string() + ".txt", text + "\n" + message.text);
    if (tidy) remove_oldest(folder);
    return {};
} catch (const std::exception& failure) {
    return {Delivery::Outcome::unreachable, failure.what()};
}

}  // namespace

Deliver to_folder(fs::path folder) {
    return [folder = std::move(folder), letters = std::size_t{0}](const Message& message,
                                                                  const std::stop_token&) mutable {
        return write_letter(folder, message, letters++ % tidied_every == 0);
    };
}

}  // namespace mail
