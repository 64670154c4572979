#include "redis/line.hpp"

#include <hiredis/hiredis.h>

#include <cerrno>

namespace redis {
namespace {

// What may wait to be understood: a message of that size is nobody's but an attacker's.
constexpr std::size_t unread_bytes_max = 16 << 20;

struct Freed {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using OwnedReply = std::unique_ptr<redisReply, Freed>;

std::string_view text_of(const redisReply& reply) {
    return reply.str ? std::string_view(reply.str, reply.len) : std::string_view();
}

Line::Reply checked(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_ERROR) throw Lost("it says " + std::string(text_of(reply)));
    Line::Reply texts;
    if (reply.type != REDIS_REPLY_ARRAY) return texts;
    for (const redisReply* item : std::span(reply.element, reply.elements))
        texts.emplace_back(text_of(*item));
    return texts;
}

redisContext* connect(const Address& address) {
    const timeval timeout{.tv_sec = patience.count(), .tv_usec = 0};
    return address.host.empty() ? redisConnectUnixWithTimeout(address.path.c_str(), timeout)
                                : redisConnectWithTimeout(address.host.c_str(), address.port, timeout);
}

}  // namespace

void Line::Closed::operator()(redisContext* context) const {
    redisFree(context);
}

Line::Line(const Address& address) : context_(connect(address)) {
    if (!context_) throw Lost("there is no memory for a connection");
    if (context_->err != 0) fail();
    redisSetTimeout(context_.get(), timeval{.tv_sec = patience.count(), .tv_usec = 0});
    if (!address.password.empty() && address.user.empty()) demand({"AUTH", address.password});
    if (!address.password.empty() && !address.user.empty()) demand({"AUTH", address.user, address.password});
    if (!address.database.empty()) demand({"SELECT", address.database});
}

int Line::socket() const {
    return context_->fd;
}

void Line::wait_at_most(std::chrono::milliseconds time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    redisSetTimeout(context_.get(), timeval{.tv_sec = seconds.count(),
                                            .tv_usec = std::chrono::microseconds(time - seconds).count()});
}

void Line::send(std::span<const std::string_view> command) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (std::string_view word : command) {
        words.push_back(word.data());
        sizes.push_back(word.size());
    }
    if (redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(), sizes.data()) !=
        REDIS_OK)
        fail();
}

void Line::flush() {
    for (int done = 0; done == 0;) {
        if (redisBufferWrite(context_.get(), &done) != REDIS_OK) fail();
    }
}

template <class Visit>
void Line::take_replies(Visit visit) {
    if (redisBufferRead(context_.get()) != REDIS_OK) fail();
    for (;;) {
        void* raw = nullptr;
        if (redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) fail();
        const OwnedReply reply(static_cast<redisReply*>(raw));
        if (!reply) break;
        visit(*reply);
    }
    if (context_->reader->len > unread_bytes_max) throw Lost("it sends more than anybody has to say");
}

std::vector<Line::Reply> Line::receive() {
    std::vector<Reply> replies;
    take_replies([&](const redisReply& reply) { replies.push_back(checked(reply)); });
    return replies;
}

std::vector<std::optional<std::string>> Line::receive_values() {
    std::vector<std::optional<std::string>> values;
    take_replies([&](const redisReply& reply) {
        values.emplace_back();
        if (reply.type == REDIS_REPLY_STRING) values.back().emplace(text_of(reply));
    });
    return values;
}

void Line::demand(std::initializer_list<std::string_view> command) {
    send(std::span(command.begin(), command.size()));
    void* raw = nullptr;
    if (redisGetReply(context_.get(), &raw) != REDIS_OK) fail();
    checked(*OwnedReply(static_cast<redisReply*>(raw)));
}

void Line::fail() const {
    throw Lost(context_->err == REDIS_ERR_IO && errno == EAGAIN ? "it doesn't answer" : context_->errstr);
}

}  // namespace redis
