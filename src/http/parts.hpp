// The body of an answer that is too large to be held in memory: made part by part, while it is sent.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace http {

class Parts {
public:
    virtual ~Parts() = default;
    // The next part; an empty one is the end. An exception ends the connection, so that nobody takes what has
    // come for the whole.
    virtual boost::asio::awaitable<std::string> next() = 0;
};

// An answer that is a file to keep.
struct Download {
    std::string_view content_type;  // a literal
    std::string file_name;
    std::shared_ptr<Parts> parts;
};

}  // namespace http
