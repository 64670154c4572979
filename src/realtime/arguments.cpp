#include "realtime/arguments.hpp"

namespace realtime {
namespace {

// What clients send is 64 levels deep at most (packet.cpp), and what we send is ours: recursion is bounded.
void write_value(std::string& out, const boost::json::value& value) {
    bool first = true;
    auto separate = [&] {
        if (!std::exchange(first, false)) out += ',';
    };
    if (const auto* number = value.if_double()) {
        char digits[32];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, *number).ptr);
    } else if (const auto* text = value.if_string()) {
        core::write_json_string(out, *text);
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (const auto& item : *array) {
            separate();
            write_value(out, item);
        }
        out += ']';
    } else if (const auto* object = value.if_object()) {
        out += '{';
        for (const auto& entry : *object) {
            separate();
            core::write_json_string(out, entry.key());
            out += ':';
            write_value(out, entry.value());
        }
        out += '}';
    } else {
        out += boost::json::serialize(value);
    }
}

}  // namespace

void Arguments::add_json(const boost::json::value& value) {
    write_value(json, value);
}

void Arguments::add_attachment(const Bytes& bytes) {
    json += R"({"_placeholder":true,"num":)";
    core::write_json_integer(json, static_cast<std::int64_t>(attachments.size()));
    json += '}';
    attachments.push_back(bytes);
}

Arguments Arguments::forwarded(const boost::json::array& array, const Attachments& attachments,
                               std::size_t first) {
    Arguments all;
    for (std::size_t i = first; i < array.size(); ++i)
        all.add(array[i]);
    all.attachments = attachments;
    return all;
}

}  // namespace realtime
