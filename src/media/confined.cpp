#include "media/confined.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace media {
namespace {

constexpr int exit_not_started = 127;

// Between fork() and exec() of a program with threads only async-signal-safe calls are allowed: everything
// that allocates is made before.
struct Prepared {
    std::vector<char*> words;
    std::vector<char*> environment;
    const char* program = nullptr;
    const char* folder = nullptr;
    Confinement confinement;
};

void limit(int resource, rlim_t value) {
    const rlimit both{value, value};
    if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &both) != 0) ::_exit(exit_not_started);
}

// Without sockets there is no network, whatever the decoder is talked into; without ptrace and the like it
// can't reach our process either. Everything else of it is bounded by the limits.
void forbid_sockets() {
#if defined(__x86_64__)
    constexpr unsigned architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    constexpr unsigned architecture = AUDIT_ARCH_AARCH64;
#else
#error "name this processor's AUDIT_ARCH here"
#endif
#define KONTOR_REFUSE(CALL)                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##CALL, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        KONTOR_REFUSE(socket),
        KONTOR_REFUSE(socketpair),
        KONTOR_REFUSE(connect),
        KONTOR_REFUSE(bind),
        KONTOR_REFUSE(ptrace),
        KONTOR_REFUSE(process_vm_writev),
        KONTOR_REFUSE(io_uring_setup),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
#undef KONTOR_REFUSE
    const sock_fprog filter{sizeof rules / sizeof rules[0], rules};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ::_exit(exit_not_started);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) ::_exit(exit_not_started);
}

[[noreturn]] void become(const Prepared& prepared) {
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it doesn't outlive us
    const int nothing = ::open("/dev/null", O_RDWR);
    if (nothing < 0) ::_exit(exit_not_started);
    for (int stream : {0, 1, 2})
        ::dup2(nothing, stream);
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    if (::chdir(prepared.folder) != 0) ::_exit(exit_not_started);
    const auto& confinement = prepared.confinement;
    limit(RLIMIT_DATA, confinement.memory_bytes_max);
    limit(RLIMIT_FSIZE, confinement.file_bytes_max);
    limit(RLIMIT_CPU, static_cast<rlim_t>(confinement.time_max.count() / 1000 + 1));
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_CORE, 0);
    forbid_sockets();
    ::execve(prepared.program, prepared.words.data(), prepared.environment.data());
    ::_exit(exit_not_started);
}

Ending wait_for(pid_t child, std::chrono::milliseconds time_max) {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    pollfd ended{handle, POLLIN, 0};
    const auto until = std::chrono::steady_clock::now() + time_max;
    int ready = 0;
    do {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        ready = ::poll(&ended, 1, std::max(0, static_cast<int>(left.count())));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ::close(handle);
    if (ready <= 0) return Ending::out_of_time;
    if (WIFEXITED(status) && WEXITSTATUS(status) == exit_not_started)
        throw std::system_error(ENOENT, std::generic_category(),
                                "pictures can't be decoded: install vipsthumbnail (Debian: libvips-tools)");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Ending::good : Ending::bad;
}

}  // namespace

Ending run_confined(const std::vector<std::string>& words, const std::filesystem::path& folder,
                    const Confinement& confinement) {
    std::vector<std::string> kept = words;
    std::vector<std::string> environment = {
        "PATH=/usr/bin",      "LC_ALL=C.UTF-8",         "HOME=/nonexistent", "TMPDIR=" + folder.string(),
        "VIPS_CONCURRENCY=1", "VIPS_BLOCK_UNTRUSTED=1", "MALLOC_ARENA_MAX=1"};
    const std::string program = "/usr/bin/" + words.front();
    const std::string place = folder.string();
    Prepared prepared{{}, {}, program.c_str(), place.c_str(), confinement};
    for (std::string& word : kept)
        prepared.words.push_back(word.data());
    prepared.words.push_back(nullptr);
    for (std::string& line : environment)
        prepared.environment.push_back(line.data());
    prepared.environment.push_back(nullptr);
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) become(prepared);
    return wait_for(child, confinement.time_max);
}

}  // namespace media
