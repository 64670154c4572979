#include "realtime/adapter_message.hpp"

#include "core/json_read.hpp"
#include "realtime/msgpack.hpp"
#include "realtime/packet.hpp"

namespace realtime {
namespace {

namespace json = boost::json;

constexpr std::size_t rooms_max = 1000;  // named by one message

const json::value* member(const json::value& of, std::string_view name) {
    const auto* object = of.if_object();
    return object ? object->if_contains(name) : nullptr;
}

// JavaScript takes numbers for rooms as well.
std::optional<std::string> room_name(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    return {};
}

// None given is none meant.
bool read_rooms(const json::value* value, std::vector<std::string>& rooms) {
    if (!value || value->is_null()) return true;
    const auto* names = value->if_array();
    if (!names || names->size() > rooms_max) return false;
    for (const json::value& name : *names) {
        auto room = room_name(name);
        if (!room) return false;
        rooms.push_back(std::move(*room));
    }
    return true;
}

bool read_target(const json::value* options, Target& target) {
    return options && options->is_object() && read_rooms(member(*options, "rooms"), target.rooms) &&
           read_rooms(member(*options, "except"), target.except);
}

bool is_true(const json::value* value) {
    return value && value->is_bool() && value->get_bool();
}

bool is_event(const json::value* type) {
    if (!type || !type->is_number()) return false;
    const auto number = type->to_number<double>();
    return number == double(PacketType::event) || number == double(PacketType::binary_event);
}

bool read_packet(const json::value& packet, const Attachments& attachments, Emission& out) {
    const json::value* space = member(packet, "nsp");
    const json::value* data = member(packet, "data");
    if (!is_event(member(packet, "type")) || (space && !space->is_string())) return false;
    if (!data || !data->is_array() || data->get_array().empty()) return false;
    const json::array& words = data->get_array();
    if (!words[0].is_string() || is_reserved_event(words[0].get_string())) return false;
    out.namespace_name = space ? std::string_view(space->get_string()) : "/";
    out.event = words[0].get_string();
    out.arguments = Arguments::forwarded(words, attachments, 1);
    return true;
}

std::optional<AdapterRequest::Wish> wish_of(const json::value* type) {
    using enum AdapterRequest::Wish;
    if (!type || !type->is_int64()) return {};
    for (auto wish : {join, leave, disconnect}) {
        if (type->get_int64() == static_cast<std::int64_t>(wish)) return wish;
    }
    return {};
}

void write_list(std::string& out, const std::vector<std::string>& names) {
    out += '[';
    for (const std::string& name : names) {
        if (&name != &names.front()) out += ',';
        core::write_json_string(out, name);
    }
    out += ']';
}

}  // namespace

std::string channel_of(const Emission& emission) {
    std::string channel = "#" + emission.namespace_name + "#";
    if (emission.target.rooms.size() == 1) channel += emission.target.rooms.front() + "#";
    return channel;
}

std::string encode_message(std::string_view uid, const Emission& emission) {
    std::string text = "[";
    core::write_json_string(text, uid);
    text += R"(,{"type":2,"data":[)";
    core::write_json_string(text, emission.event);
    if (!emission.arguments.json.empty()) text.append(",").append(emission.arguments.json);
    text += R"(],"nsp":)";
    core::write_json_string(text, emission.namespace_name);
    text += R"(},{"rooms":)";
    write_list(text, emission.target.rooms);
    text += R"(,"except":)";
    write_list(text, emission.target.except);
    text += emission.is_volatile ? R"(,"flags":{"volatile":true}}])" : R"(,"flags":{}}])";
    return to_msgpack(text, emission.arguments.attachments);
}

std::optional<AdapterMessage> decode_message(std::string_view bytes, std::size_t attachments_max) {
    const auto unpacked = from_msgpack(bytes, attachments_max);
    const auto* parts = unpacked ? unpacked->value.if_array() : nullptr;
    if (!parts || parts->size() != 3 || !(*parts)[0].is_string()) return {};
    AdapterMessage message;
    message.uid = (*parts)[0].get_string();
    const json::value& options = (*parts)[2];
    if (!read_packet((*parts)[1], unpacked->attachments, message.emission)) return {};
    if (!read_target(&options, message.emission.target)) return {};
    if (const auto* flags = member(options, "flags"))
        message.emission.is_volatile = is_true(member(*flags, "volatile"));
    return message;
}

std::optional<AdapterRequest> decode_request(std::string_view bytes) {
    auto parsed = core::parse_json(bytes);
    if (!parsed) return {};
    auto wish = wish_of(member(*parsed, "type"));
    if (!wish) return {};
    AdapterRequest request{.wish = *wish};
    if (!read_target(member(*parsed, "opts"), request.target)) return {};
    if (!read_rooms(member(*parsed, "rooms"), request.rooms)) return {};
    request.close = is_true(member(*parsed, "close"));
    return request;
}

}  // namespace realtime
