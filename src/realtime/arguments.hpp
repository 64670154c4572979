// What is emitted or acked: the arguments as JSON text, ready to send, and the binary values beside it.
#pragma once

#include "core/json_write.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <string>
#include <vector>

namespace realtime {

// A binary value, shared between the packets that carry it.
using Bytes = std::shared_ptr<const std::string>;
using Attachments = std::vector<Bytes>;

struct Arguments {
    std::string json;  // without the brackets: 1,"two",{"three":3}
    Attachments attachments;

    template <class... Args>
    static Arguments of(const Args&... args) {
        Arguments all;
        (all.add(args), ...);
        return all;
    }
    // Those of an event as they came, from the `first` on: binary values stand in `array` as placeholders.
    static Arguments forwarded(const boost::json::array& array, const Attachments& attachments,
                               std::size_t first = 0);

    // A described struct, a JSON value, text, a number, a bool, or Bytes.
    template <class T>
    void add(const T& value) {
        if (!json.empty()) json += ',';
        if constexpr (std::is_same_v<T, Bytes>) {
            add_attachment(value);
        } else if constexpr (is_json<T>) {
            add_json(value);
        } else {
            core::write_json(json, value);
        }
    }

private:
    template <class T>
    static constexpr bool is_json =
        std::is_same_v<T, boost::json::value> || std::is_same_v<T, boost::json::object> ||
        std::is_same_v<T, boost::json::array> || std::is_same_v<T, std::nullptr_t>;

    void add_attachment(const Bytes& bytes);
    // As JavaScript would write it: 1.5 stays 1.5, which Boost makes 1.5E0.
    void add_json(const boost::json::value& value);
};

}  // namespace realtime
