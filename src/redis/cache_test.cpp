// Who asks Redis is answered within some milliseconds, whatever it does.
#include "redis/cache.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <system_error>

namespace redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Takes connections and answers each command as it is told to, or never.
class Server {
public:
    using Answer = std::function<std::string(std::string_view command)>;

    explicit Server(Answer answer)
        : answer_(std::move(answer)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        if (::bind(socket_, reinterpret_cast<sockaddr*>(&any), size) != 0)
            throw std::system_error(errno, std::generic_category(), "no port for the server");
        ::listen(socket_, 16);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&any), &size);
        port_ = ntohs(any.sin_port);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~Server() {
        thread_ = {};
        ::close(socket_);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    Address address() const {
        Address address;
        address.host = "127.0.0.1";
        address.port = port_;
        return address;
    }

private:
    void serve(const std::stop_token& stop) {
        int client = -1;
        while (!stop.stop_requested()) {
            pollfd any[] = {{socket_, POLLIN, 0}, {client, POLLIN, 0}};
            ::poll(any, client < 0 ? 1 : 2, 10);
            if (any[0].revents != 0) {
                if (client >= 0) ::close(client);
                client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            } else if (client >= 0 && any[1].revents != 0) {
                char bytes[4096];
                const auto count = ::read(client, bytes, sizeof bytes);
                if (count <= 0) {
                    ::close(client);
                    client = -1;
                    continue;
                }
                const std::string said = answer_({bytes, static_cast<std::size_t>(count)});
                if (!said.empty()) ::send(client, said.data(), said.size(), MSG_NOSIGNAL);
            }
        }
        if (client >= 0) ::close(client);
    }

    Answer answer_;
    int socket_;
    int port_ = 0;
    std::jthread thread_;
};

struct Got {
    Cache::Outcome outcome;
    std::string value;
};

Got get(Cache& cache, const std::string& key = "k") {
    auto got = std::make_shared<std::promise<Got>>();
    auto future = got->get_future();
    cache.get(key, [got](Cache::Outcome outcome, std::string value) {
        got->set_value({outcome, std::move(value)});
    });
    return future.get();
}

bool eventually_up(const Cache& cache, bool up = true) {
    const auto until = steady_clock::now() + std::chrono::seconds(10);
    while (cache.is_up() != up && steady_clock::now() < until)
        std::this_thread::sleep_for(milliseconds(1));
    return cache.is_up() == up;
}

class RedisCache : public ::testing::Test {
protected:
    // As the program does: a connection that is closed under a writer is an error and no signal.
    static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
};

TEST_F(RedisCache, GivesWhatIsThere) {
    Server server(
        [](std::string_view command) { return command.contains("there") ? "$5\r\nvalue\r\n" : "$-1\r\n"; });
    Cache cache(server.address());
    cache.start();
    ASSERT_TRUE(eventually_up(cache));
    const Got found = get(cache, "there");
    EXPECT_EQ(found.outcome, Cache::Outcome::found);
    EXPECT_EQ(found.value, "value");
    EXPECT_EQ(get(cache, "not").outcome, Cache::Outcome::missing);
}

TEST_F(RedisCache, ARefusalIsNoValueAndNoLoss) {
    Server server([](std::string_view) { return "-OOM command not allowed\r\n"; });
    Cache cache(server.address());
    cache.start();
    ASSERT_TRUE(eventually_up(cache));
    EXPECT_TRUE(cache.put("k", "value", std::chrono::seconds(60)));
    EXPECT_EQ(get(cache).outcome, Cache::Outcome::missing);
    EXPECT_TRUE(cache.is_up());
}

TEST_F(RedisCache, WhoAsksARedisThatStandsStillGoesOnWithoutIt) {
    Server server([](std::string_view) { return ""; });
    Cache cache(server.address());
    cache.start();
    ASSERT_TRUE(eventually_up(cache));
    const auto asked = steady_clock::now();
    EXPECT_EQ(get(cache).outcome, Cache::Outcome::late);
    EXPECT_GE(steady_clock::now() - asked, answer_within);
    EXPECT_LT(steady_clock::now() - asked, milliseconds(500)) << "not as long as a connection lasts";
    ASSERT_TRUE(eventually_up(cache, false)) << "nobody else waits";
    const auto asked_again = steady_clock::now();
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(get(cache).outcome, Cache::Outcome::late);
    EXPECT_LT(steady_clock::now() - asked_again, milliseconds(500));
    EXPECT_FALSE(cache.put("k", "value", std::chrono::seconds(60)));
}

TEST_F(RedisCache, RubbishEndsTheConnectionAndNothingElse) {
    for (const char* rubbish :
         {"HTTP/1.1 200 OK\r\n\r\n", "*-7\r\n", "$5\r\nvalue\r\n$5\r\nvalue\r\n", ":1\r\n:2\r\n", "\xff"}) {
        Server server([rubbish](std::string_view) { return rubbish; });
        Cache cache(server.address());
        cache.start();
        ASSERT_TRUE(eventually_up(cache));
        get(cache);
        ASSERT_TRUE(eventually_up(cache)) << "it comes back";
    }
}

TEST_F(RedisCache, IsAwayWhereNobodyListens) {
    Address nobody;
    {
        Server server([](std::string_view) { return ""; });
        nobody = server.address();
    }
    Cache cache(nobody);
    cache.start();
    EXPECT_EQ(get(cache).outcome, Cache::Outcome::late);
    EXPECT_FALSE(cache.put("k", "value", std::chrono::seconds(60)));
    EXPECT_FALSE(cache.is_up());
}

TEST_F(RedisCache, AStopAnswersWhoeverWaits) {
    Server server([](std::string_view) { return ""; });
    auto cache = std::make_unique<Cache>(server.address());
    cache->start();
    ASSERT_TRUE(eventually_up(*cache));
    std::promise<Cache::Outcome> outcome;
    cache->get("k", [&](Cache::Outcome it, const std::string&) { outcome.set_value(it); });
    cache.reset();
    EXPECT_EQ(outcome.get_future().get(), Cache::Outcome::late);
}

}  // namespace
}  // namespace redis
