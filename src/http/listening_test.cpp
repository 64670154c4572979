// Who gets an address: the threads of one server all, another server never.
#include "http/listening.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

namespace http {
namespace {

using boost::asio::ip::tcp;

const tcp::endpoint any_port(boost::asio::ip::make_address("127.0.0.1"), 0);

TEST(Listening, ThreadsOfAServerShareItsAddressAndAnotherServerDoesNot) {
    boost::asio::io_context io;
    const auto first = listen(io, any_port, true);
    const auto second = listen(io, first.local_endpoint(), false);
    EXPECT_EQ(first.local_endpoint(), second.local_endpoint());
    EXPECT_THROW(listen(io, first.local_endpoint(), true), std::runtime_error);
}

TEST(Listening, OfServersThatStartAtOnceOneGetsTheAddress) {
    constexpr int rounds = 200;
    constexpr int servers = 4;
    for (int round = 0; round < rounds; ++round) {
        boost::asio::io_context io;
        const auto address = listen(io, any_port, true).local_endpoint();  // free again
        std::barrier ready(servers);
        std::atomic<int> serving{0};
        std::vector<std::jthread> threads;
        for (int i = 0; i < servers; ++i) {
            threads.emplace_back([&] {
                boost::asio::io_context own;
                std::vector<tcp::acceptor> sockets;
                ready.arrive_and_wait();
                try {
                    sockets.push_back(listen(own, address, true));
                    sockets.push_back(listen(own, address, false));
                    ++serving;
                } catch (const std::runtime_error&) {
                }
                ready.arrive_and_wait();  // nobody leaves before all have tried
            });
        }
        threads.clear();
        ASSERT_EQ(serving, 1) << "in round " << round;
    }
}

}  // namespace
}  // namespace http
