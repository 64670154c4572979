#include "core/thread.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace core {
namespace {

// About a third of the others' share where all want more than there is; enough that no follower starves.
constexpr int background_niceness = 5;

}  // namespace

void name_thread(const char* name) {
    const bool is_main = ::gettid() == ::getpid();  // whose name is the program's, in `ps` and for `pkill`
    if (is_main) return;
    ::pthread_setname_np(::pthread_self(), name);
}

// On Linux each thread has a niceness of its own. Being refused it costs nothing but the order of turns.
void begin_background_thread(const char* name) {
    name_thread(name);
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), background_niceness);
}

}  // namespace core
