#include "store/sqlite_checkpointer.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"

#include <cstdlib>

namespace store {
namespace {

// Each copies what was written during the one before, which is a quarter of it under full load.
constexpr int runs = 3;

}  // namespace

SqliteCheckpointer::SqliteCheckpointer(const std::filesystem::path& file,
                                       std::chrono::milliseconds busy_timeout)
    : connection_(file, SqliteConnection::Use::read, busy_timeout), thread_([this] { serve(); }) {}

SqliteCheckpointer::~SqliteCheckpointer() {
    stopping_ = true;
    begun_.release();
    thread_.join();
}

void SqliteCheckpointer::begin() {
    if (state_ != State::idle) return;
    state_ = State::copying;
    begun_.release();
}

void SqliteCheckpointer::serve() {
    core::name_thread("sqlite-copier");
    for (;;) {
        begun_.acquire();
        if (stopping_) return;
        copy();
        state_ = State::copied;
    }
}

void SqliteCheckpointer::copy() {
    try {
        for (int run = 0; run < runs; ++run)
            connection_.checkpoint();
        connection_.sync_database();
    } catch (const SqliteUnflushed& failure) {
        end_unflushed(failure);
    } catch (const std::exception&) {
        // The writer's own checkpoint meets the same fault, and tells of it.
    }
}

void end_unflushed(const SqliteUnflushed& failure) {
    spdlog::critical("store: {}. The program ends: started again, it copies the log anew", failure.what());
    std::abort();
}

}  // namespace store
