// MessagePack to JSON values and back, by nlohmann's json (docs/decisions/0017): what Socket.IO servers tell
// each other. Pure; hostile bytes go in.
#pragma once

#include "realtime/arguments.hpp"

#include <boost/json/value.hpp>

#include <optional>

namespace realtime {

struct Unpacked {
    boost::json::value
        value;  // a binary value is {"_placeholder":true,"num":index}, as in a Socket.IO packet
    Attachments attachments;
};

// As npm's notepack.io reads it: a timestamp becomes the text that JSON.stringify makes of a Date. Empty: it
// isn't one MessagePack value, is too deep, has a text that isn't UTF-8 or more binary values than that.
std::optional<Unpacked> from_msgpack(std::string_view bytes, std::size_t attachments_max);

// `json`: our own; its placeholders become `attachments`.
std::string to_msgpack(std::string_view json, const Attachments& attachments);

}  // namespace realtime
