// The sockets that a server listens on: one for each of its threads, and no other program's beside them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace http {

// A socket for each thread. The first one is bound to be nobody else's: of servers that start at once the
// kernel lets one listen. Only then is it shared with those of the other threads (SO_REUSEPORT). Were it
// shared from the start, another server of this user would get some of our visitors, and nobody would be
// told. Throws std::runtime_error with what to do about it.
boost::asio::ip::tcp::acceptor listen(boost::asio::io_context& io,
                                      const boost::asio::ip::tcp::endpoint& endpoint, bool is_first);

// A second name of a socket that listens already, so that each thread waits on one of its own.
boost::asio::ip::tcp::acceptor share(boost::asio::io_context& io, int socket,
                                     const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace http
