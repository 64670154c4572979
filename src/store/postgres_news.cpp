#include "store/postgres_news.hpp"

#include "core/thread.hpp"
#include "store/postgres.hpp"
#include "store/sql_text.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Commits come by the thousand; others need to hear of them once.
constexpr milliseconds tell_every{10};
constexpr std::size_t words_max = 1000;  // waiting to be told; more are lost, as every word may be
constexpr milliseconds retry_first{100};
constexpr milliseconds retry_last{5000};
constexpr std::string_view commits{};  // the word that says no more than that there are some

// A notification that is lost in a crash is no loss, and one that waits for the disk comes late.
constexpr char begin_listening[] = "set synchronous_commit = off; listen kontor";
constexpr char tell[] = "select pg_notify('kontor', word) from unnest($1::text[]) as word";

struct Freed {
    void operator()(PGresult* result) const { PQclear(result); }
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

}  // namespace

// The connection. Everything in it throws ConnectionLost.
class PostgresNews::Line {
public:
    explicit Line(const std::string& url) : connection_(connect_postgres(url)) {
        try {
            check(PQstatus(connection_) == CONNECTION_OK);
            std::unique_ptr<PGresult, Freed> result(PQexec(connection_, begin_listening));
            check(PQresultStatus(result.get()) == PGRES_COMMAND_OK);
        } catch (...) {
            PQfinish(connection_);
            throw;
        }
    }
    ~Line() { PQfinish(connection_); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    int socket() const { return PQsocket(connection_); }
    bool is_telling() const { return telling_; }

    void send(std::span<const std::string> words) {
        const std::string list = postgres_array(words);
        const char* values[] = {list.c_str()};
        check(PQsendQueryParams(connection_, tell, 1, nullptr, values, nullptr, nullptr, 0) == 1);
        telling_ = true;
    }

    // What others have said since; doesn't wait.
    std::vector<std::string> receive() {
        check(PQconsumeInput(connection_) == 1);
        while (telling_ && PQisBusy(connection_) == 0) {
            std::unique_ptr<PGresult, Freed> result(PQgetResult(connection_));
            if (!result) telling_ = false;
            if (result) check(PQresultStatus(result.get()) == PGRES_TUPLES_OK);
        }
        std::vector<std::string> heard;
        while (std::unique_ptr<PGnotify, Freed> notification{PQnotifies(connection_)}) {
            if (notification->be_pid != PQbackendPID(connection_)) heard.emplace_back(notification->extra);
        }
        return heard;
    }

private:
    void check(bool good) const {
        if (good) return;
        std::string_view why = PQerrorMessage(connection_);
        why = why.substr(0, why.find_last_not_of('\n') + 1);
        throw ConnectionLost("postgres: nobody is heard at once: " + std::string(why), false);
    }

    pg_conn* connection_;
    bool telling_ = false;  // the answer to what was sent is not here
};

PostgresNews::PostgresNews(std::string url)
    : url_(std::move(url)), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (bell_ < 0) throw std::runtime_error("postgres: the system has no more file descriptors");
}

PostgresNews::~PostgresNews() {
    stopping_ = true;
    wake();
    if (thread_.joinable()) thread_.join();
    ::close(bell_);
}

void PostgresNews::on_news(Ring ring) {
    {
        std::lock_guard lock(hearers_mutex_);
        rings_.push_back(std::move(ring));
    }
    start();
}

void PostgresNews::on_whisper(Hear hear) {
    {
        std::lock_guard lock(hearers_mutex_);
        hearers_.push_back(std::move(hear));
    }
    start();
}

void PostgresNews::start() {
    std::call_once(started_, [this] { thread_ = std::thread([this] { serve(); }); });
}

void PostgresNews::tell_others() {
    if (!committed_.exchange(true)) wake();
}

void PostgresNews::whisper(std::string word) {
    if (word.size() > Database::whisper_bytes_max) throw std::logic_error("too long to be whispered");
    {
        std::lock_guard lock(mutex_);
        if (words_.size() == words_max) return;
        words_.push_back(std::move(word));
    }
    wake();
}

void PostgresNews::wake() const {
    [[maybe_unused]] auto rung = ::eventfd_write(bell_, 1);  // fails if it has been rung 2^64 times
}

void PostgresNews::serve() {
    core::name_thread("postgres-news");
    milliseconds pause = retry_first;
    while (!stopping_) {
        try {
            listen();
        } catch (const ConnectionLost& lost) {
            if (listening_.exchange(false)) pause = retry_first;
            if (pause == retry_first) spdlog::warn("{}", lost.what());
            forget_words();
            rest(pause);
            pause = std::min(pause * 2, retry_last);
        }
    }
}

void PostgresNews::listen() {
    Line line(url_);
    spdlog::debug("postgres: hears at once what other nodes commit");
    ring();  // what was committed before is found by looking
    listening_ = true;
    while (!stopping_)
        attend(line);
}

// Waits until there is something to tell or to hear, and does it.
void PostgresNews::attend(Line& line) {
    bool has_words = committed_;
    {
        std::lock_guard lock(mutex_);
        has_words = has_words || !words_.empty();
    }
    auto until_telling = std::chrono::ceil<milliseconds>(tell_at_ - steady_clock::now());
    if (has_words && !line.is_telling() && until_telling.count() <= 0) {
        line.send(take_words());
        tell_at_ = steady_clock::now() + tell_every;
    }
    const bool waits_to_tell = has_words && !line.is_telling();
    pollfd either[] = {{line.socket(), POLLIN, 0}, {bell_, POLLIN, 0}};
    ::poll(either, 2, waits_to_tell ? static_cast<int>(until_telling.count()) : -1);
    eventfd_t rung = 0;
    ::eventfd_read(bell_, &rung);
    bool news = false;
    for (const std::string& word : line.receive()) {
        if (word == commits) {
            news = true;
        } else {
            hear(word);
        }
    }
    if (news) ring();
}

std::vector<std::string> PostgresNews::take_words() {
    std::vector<std::string> words;
    {
        std::lock_guard lock(mutex_);
        words = std::exchange(words_, {});
    }
    if (committed_.exchange(false)) words.emplace_back(commits);
    return words;
}

void PostgresNews::ring() {
    std::lock_guard lock(hearers_mutex_);
    for (const Ring& ring : rings_)
        ring();
}

void PostgresNews::hear(std::string_view word) {
    std::lock_guard lock(hearers_mutex_);
    for (const Hear& hearer : hearers_)
        hearer(word);
}

// They would be told too late to be true.
void PostgresNews::forget_words() {
    std::lock_guard lock(mutex_);
    words_.clear();
}

// A stop ends it.
void PostgresNews::rest(milliseconds time) const {
    const auto until = steady_clock::now() + time;
    while (!stopping_ && steady_clock::now() < until) {
        pollfd bell{bell_, POLLIN, 0};
        ::poll(&bell, 1,
               static_cast<int>(std::chrono::ceil<milliseconds>(until - steady_clock::now()).count()));
        eventfd_t rung = 0;
        ::eventfd_read(bell_, &rung);
    }
}

}  // namespace store
