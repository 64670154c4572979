// Where Redis is, as its URL says: redis://[[user]:password@]host[:port][/database], or
// unix://[[user]:password@]/path/of/the/socket[?db=database].
#pragma once

#include <string>
#include <string_view>

namespace redis {

struct Address {
    std::string host;  // empty: `path`
    int port = 6379;
    std::string path;  // of a Unix socket
    std::string user;  // empty: Redis' default one
    std::string password;
    std::string database;  // its number; empty: the first

    // Throws std::invalid_argument with how it must look; never with what it is, as it holds a password.
    static Address from_url(std::string_view url);

    // For the log: without user and password.
    std::string shown() const;
};

}  // namespace redis
