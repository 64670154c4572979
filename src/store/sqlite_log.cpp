#include "store/sqlite_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace store {
namespace {

constexpr std::chrono::seconds busy_timeout{5};
constexpr std::size_t log_header_bytes = 32;
constexpr std::size_t log_page_size_at = 8;
constexpr std::size_t log_salts_at = 16;
constexpr std::size_t salts_bytes = 8;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::size_t frame_pages_at = 4;  // pages of the database after a commit; 0: none ends here
constexpr std::size_t frame_salts_at = 8;
constexpr std::size_t database_page_size_at = 16;
constexpr int copied_pages = 256;  // between two breaths
// 1 GB. While a copy is being made the log can't begin anew: one that takes longer than this is given up.
constexpr int log_pages_max = 1 << 18;

constexpr Sql sql_any("select count(*) from sqlite_schema");

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i)
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

void begin_to_hold(SqliteConnection& connection) {
    connection.rollback();
    connection.begin_read();
    connection.run(sql_any, {}, {});  // a read begins with its first statement
}

void write_all(int handle, std::string_view bytes, std::size_t at) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(handle, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (written < 0) throw std::system_error(errno, std::generic_category(), "can't write the database");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        at += static_cast<std::size_t>(written);
    }
}

}  // namespace

SqliteLog::SqliteLog(const std::filesystem::path& file, std::size_t waiting_bytes_max)
    : log_file_(file.string() + "-wal"),
      waiting_bytes_max_(waiting_bytes_max),
      marked_(file, SqliteConnection::Use::read, busy_timeout),
      held_(std::make_unique<SqliteConnection>(file, SqliteConnection::Use::read, busy_timeout)),
      spare_(std::make_unique<SqliteConnection>(file, SqliteConnection::Use::read, busy_timeout)) {}

SqliteLog::~SqliteLog() {
    if (handle_ >= 0) ::close(handle_);
}

LogPiece SqliteLog::fetch() {
    std::lock_guard lock(mutex_);
    take_in();
    if (!following_) throw LogBroken(broken_because_);
    return std::exchange(waiting_, {});
}

LogPiece SqliteLog::mark(core::Time now) {
    begin_to_hold(marked_);
    std::lock_guard lock(mutex_);
    take_in();
    LogPiece rest = std::exchange(waiting_, {});
    if (!following_) {
        rest = {};
        follow();
    }
    std::lock_guard notes_lock(notes_mutex_);
    last_at_ = std::max(last_at_, now);
    return rest;
}

// From the first frame that is there. Those from before the mark are in the copy already; they come with the
// first commit behind it, so that whoever wants the moment of the mark takes none of them.
void SqliteLog::follow() {
    salts_.clear();
    taken_ = 0;
    broken_because_.clear();
    begin_to_hold(*held_);
    following_ = true;
}

void SqliteLog::note_commit(int pages, core::Time at) {
    std::lock_guard lock(notes_mutex_);
    last_at_ = std::max(last_at_, at);
    notes_.push_back({pages, last_at_});
    last_pages_ = pages;
}

void SqliteLog::run_checkpoint(const std::function<void()>& run) {
    std::lock_guard lock(mutex_);
    try {
        hold_anew();
        run();
        hold_anew();
    } catch (const std::exception& failure) {
        break_off(failure.what());
        throw;
    }
}

// Whatever is behind the frames that were taken stays in the log: a checkpoint, by whomever, copies no
// further than the oldest reader sees; SQLite begins the log anew only when all of it is copied and nobody
// reads from it; and somebody always does who saw no more than was taken.
void SqliteLog::hold_anew() {
    if (following_) begin_to_hold(*spare_);
    take_in();
    if (!following_) return;
    if (!sees_strangers()) std::swap(held_, spare_);
    spare_->rollback();
}

void SqliteLog::stop() {
    std::lock_guard lock(mutex_);
    break_off("the server stops");
    marked_.rollback();
}

// All that is noted is in the log that there is now: it begins anew only when nothing of the old one is left
// to take.
void SqliteLog::take_in() {
    std::vector<Note> notes;
    {
        std::lock_guard lock(notes_mutex_);
        notes.swap(notes_);
    }
    if (!following_ || notes.empty()) return;
    const std::string header = read_log(log_header_bytes, 0);
    if (header.size() < log_header_bytes) return break_off("the log can't be read");
    page_bytes_ = number_at(header, log_page_size_at);
    if (auto salts = header.substr(log_salts_at, salts_bytes); salts != salts_) {
        salts_ = std::move(salts);
        taken_ = 0;
    }
    const std::size_t frame_bytes = frame_header_bytes + page_bytes_;
    const int until = notes.back().pages;
    if (until < taken_) return break_off("the log is shorter than it was");
    const auto length = static_cast<std::size_t>(until - taken_) * frame_bytes;
    // One reading is let through however long it is: behind a mark it is all of the log.
    if (!waiting_.frames.empty() && waiting_.frames.size() + length > waiting_bytes_max_)
        return break_off("more than " + std::to_string(waiting_bytes_max_ >> 20) + " MB wait to be written");
    const std::string frames =
        read_log(length, log_header_bytes + static_cast<std::size_t>(taken_) * frame_bytes);
    if (frames.size() < length) return break_off("the log can't be read");
    for (std::size_t at = 0; at < length; at += frame_bytes) {
        if (frames.compare(at + frame_salts_at, salts_bytes, salts_) != 0)
            return break_off("the log was begun anew too early");
    }
    const auto before = static_cast<std::int64_t>(waiting_.frames.size() / frame_bytes);
    for (const Note& note : notes)
        waiting_.commits.push_back({before + note.pages - taken_, note.at});
    waiting_.frames += frames;
    taken_ = until;
}

// Until the next mark.
void SqliteLog::break_off(const std::string& why) {
    if (!following_) return;
    following_ = false;
    broken_because_ = why;
    waiting_ = {};
    held_->rollback();
    spare_->rollback();
}

std::string SqliteLog::read_log(std::size_t length, std::size_t from) {
    if (handle_ < 0) handle_ = ::open(log_file_.c_str(), O_RDONLY | O_CLOEXEC);
    std::string bytes(length, '\0');
    std::size_t got = 0;
    while (got < length) {
        const ssize_t read =
            ::pread(handle_, bytes.data() + got, length - got, static_cast<off_t>(from + got));
        if (read <= 0) break;
        got += static_cast<std::size_t>(read);
    }
    bytes.resize(got);
    return bytes;
}

bool SqliteLog::has_strangers() {
    std::lock_guard lock(mutex_);
    take_in();
    return following_ && sees_strangers();
}

// Whether there is a frame behind those that were taken: what is left of an older log has other salts.
bool SqliteLog::sees_strangers() {
    const std::string header = read_log(log_header_bytes, 0);
    if (header.size() < log_header_bytes) return false;
    const std::size_t frame_bytes = frame_header_bytes + number_at(header, log_page_size_at);
    const std::string salts = header.substr(log_salts_at, salts_bytes);
    const auto taken = static_cast<std::size_t>(salts == salts_ ? taken_ : 0);
    const std::string next = read_log(frame_header_bytes, log_header_bytes + taken * frame_bytes);
    return next.size() == frame_header_bytes && next.compare(frame_salts_at, salts_bytes, salts) == 0;
}

std::optional<core::Time> SqliteLog::waiting_since() {
    std::lock_guard lock(mutex_);
    if (!waiting_.commits.empty()) return waiting_.commits.front().at;
    std::lock_guard notes_lock(notes_mutex_);
    if (following_ && !notes_.empty()) return notes_.front().at;
    return {};
}

void SqliteLog::copy_marked(const std::filesystem::path& to, const std::function<void()>& breathe) {
    struct EndOfMark {
        SqliteConnection& connection;
        ~EndOfMark() { connection.rollback(); }
    } end{marked_};
    SqliteCopy copy(marked_, to);
    while (copy.step(copied_pages)) {
        if (last_pages_ > log_pages_max)
            throw std::runtime_error("copying the database takes too long: the log grew to 1 GB meanwhile");
        breathe();
    }
}

void apply_frames(const std::filesystem::path& database, std::string_view frames) {
    const int handle = ::open(database.c_str(), O_RDWR | O_CLOEXEC);
    if (handle < 0)
        throw std::system_error(errno, std::generic_category(), "can't open " + database.string());
    struct Closing {
        int handle;
        ~Closing() { ::close(handle); }
    } closing{handle};
    std::string size(2, '\0');
    if (::pread(handle, size.data(), size.size(), database_page_size_at) != static_cast<ssize_t>(size.size()))
        throw std::runtime_error(database.string() + " is no database");
    constexpr std::size_t largest_page = 65536;  // is written as 1
    std::size_t page_bytes = static_cast<unsigned char>(size[0]) << 8 | static_cast<unsigned char>(size[1]);
    if (page_bytes == 1) page_bytes = largest_page;
    const std::size_t frame_bytes = frame_header_bytes + page_bytes;
    std::size_t pages = 0;
    for (; frames.size() >= frame_bytes; frames.remove_prefix(frame_bytes)) {
        const std::uint32_t page = number_at(frames, 0);
        if (page == 0) throw std::runtime_error("a frame of the log names no page");
        write_all(handle, frames.substr(frame_header_bytes, page_bytes), (page - 1) * page_bytes);
        pages = number_at(frames, frame_pages_at);
    }
    if (!frames.empty() || pages == 0) throw std::runtime_error("the log ends within a commit");
    if (::ftruncate(handle, static_cast<off_t>(pages * page_bytes)) != 0 || ::fsync(handle) != 0)
        throw std::system_error(errno, std::generic_category(), "can't write the database");
}

}  // namespace store
