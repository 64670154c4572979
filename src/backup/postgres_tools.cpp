#include "backup/postgres_tools.hpp"

#include "core/log.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace backup {
namespace {

constexpr int exit_not_found = 127;

struct Target {
    std::string url;  // without the password
    std::string password;
};

Target target_of(const std::string& text) {
    auto parsed = boost::urls::parse_uri(text);
    if (!parsed) throw std::runtime_error("the database must be given as postgres://…");
    boost::urls::url url = *parsed;
    Target target{{}, url.password()};
    url.remove_password();
    target.url = std::string(url.buffer());
    return target;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts)
        list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

std::vector<std::string> environment_with(const std::string& password) {
    std::vector<std::string> lines;
    for (char** line = ::environ; *line != nullptr; ++line)
        lines.emplace_back(*line);
    if (!password.empty()) lines.push_back("PGPASSWORD=" + password);
    return lines;
}

// Opened for the program that writes it: one that outlives us, killed, makes no file by itself in a folder
// that the next backup clears away.
class NewFile {
public:
    explicit NewFile(const std::filesystem::path& file)
        : descriptor_(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
        if (descriptor_ < 0)
            throw std::system_error(errno, std::system_category(), "can't write " + file.string());
    }
    ~NewFile() { ::close(descriptor_); }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

// What the program says goes to our own standard error, its output to `output`.
void run(std::vector<std::string> words, const std::string& password, int output = STDOUT_FILENO) {
    auto environment = environment_with(password);
    const std::string program = words.front();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    pid_t child = 0;
    int failed = ::posix_spawnp(&child, program.c_str(), &actions, nullptr, pointers(words).data(),
                                pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    while (failed == 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    bool missing = failed == ENOENT || (WIFEXITED(status) && WEXITSTATUS(status) == exit_not_found);
    if (missing) throw std::runtime_error(program + " is missing: install Debian's postgresql-client.");
    if (failed != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error(program + " failed; it said why above.");
}

}  // namespace

void dump_postgres(const std::string& url, const std::filesystem::path& file) {
    Target target = target_of(url);
    const NewFile dump(file);
    run({"pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--dbname=" + target.url},
        target.password, dump.descriptor());
}

void restore_postgres(const std::filesystem::path& file, const std::string& url) {
    Target target = target_of(url);
    run({"pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
         "--dbname=" + target.url, file.string()},
        target.password);
}

ScratchDatabase::ScratchDatabase(const std::string& url)
    : server_(url), name_("kontor_verify_" + std::to_string(::getpid())) {
    Target target = target_of(server_);
    run({"createdb", "--maintenance-db=" + target.url, name_}, target.password);
    boost::urls::url scratch = boost::urls::parse_uri(url).value();
    scratch.set_path("/" + name_);
    url_ = std::string(scratch.buffer());
}

ScratchDatabase::~ScratchDatabase() {
    try {
        Target target = target_of(server_);
        run({"dropdb", "--maintenance-db=" + target.url, "--if-exists", name_}, target.password);
    } catch (const std::exception& failure) {
        spdlog::warn("backup: the database {} is left over: {}", name_, core::quoted(failure.what()));
    }
}

}  // namespace backup
