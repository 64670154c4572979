// Tells the other programs on a PostgreSQL database that something was committed, and hears it of them:
// LISTEN and NOTIFY on a connection and a thread of its own, once somebody wants to hear.
//
// A NOTIFY inside the writing transaction would make commits wait for each other (PostgreSQL sends what is
// notified in the order of commits, under one lock). So it follows the commit, one for all that were
// committed meanwhile. What a crash or a lost connection swallows is found by those who look now and then.
#pragma once

#include "store/job.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace store {

class PostgresNews {
public:
    using Ring = std::function<void()>;
    using Hear = std::function<void(std::string_view word)>;

    explicit PostgresNews(std::string url);
    ~PostgresNews();
    PostgresNews(const PostgresNews&) = delete;
    PostgresNews& operator=(const PostgresNews&) = delete;

    // Called on the thread that listens. The first of them starts it.
    void on_news(Ring ring);
    void on_whisper(Hear hear);

    // Something was committed here. From any thread, and cheap.
    void tell_others();
    void whisper(std::string word);

    bool is_listening() const { return listening_; }

private:
    class Line;

    void start();
    void wake() const;
    void serve();
    void listen();
    void attend(Line& line);
    std::vector<std::string> take_words();
    void forget_words();
    void ring();
    void hear(std::string_view word);
    void rest(std::chrono::milliseconds time) const;

    const std::string url_;
    int bell_;  // an eventfd: wakes the thread that waits for its connection
    std::atomic<bool> committed_{false};
    std::atomic<bool> listening_{false};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;  // of the words
    std::vector<std::string> words_;
    std::mutex hearers_mutex_;
    std::vector<Ring> rings_;
    std::vector<Hear> hearers_;
    std::chrono::steady_clock::time_point tell_at_{};
    std::once_flag started_;
    std::thread thread_;
};

}  // namespace store
