#include "realtime/packet.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace realtime {
namespace {

namespace json = boost::json;

constexpr std::size_t json_depth_max = 64;                // as for HTTP bodies; recursion is bounded by it
constexpr std::uint64_t id_max = std::uint64_t{1} << 53;  // what JavaScript counts to
constexpr std::size_t count_digits_max = 4;

bool has_attachments(PacketType type) {
    return type == PacketType::binary_event || type == PacketType::binary_ack;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Whether every {"_placeholder": true} in there names one of the attachments.
bool places_fit(const json::value& value, std::size_t attachments) {
    if (const auto* array = value.if_array())
        return std::ranges::all_of(*array, [&](const auto& item) { return places_fit(item, attachments); });
    const auto* object = value.if_object();
    if (!object) return true;
    const auto* placeholder = object->if_contains("_placeholder");
    if (placeholder && placeholder->is_bool() && placeholder->get_bool()) {
        const auto* number = object->if_contains("num");
        return number && number->is_int64() && number->get_int64() >= 0 &&
               static_cast<std::size_t>(number->get_int64()) < attachments;
    }
    return std::ranges::all_of(*object,
                               [&](const auto& entry) { return places_fit(entry.value(), attachments); });
}

// The code unit of a "\uXXXX" at that place.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
    constexpr std::size_t length = 6;
    std::string_view escape = text.substr(std::min(at, text.size()), length);
    if (escape.size() < length || !escape.starts_with("\\u")) return {};
    unsigned unit = 0;
    auto [end, failed] = std::from_chars(escape.data() + 2, escape.data() + length, unit, 16);
    if (failed != std::errc{} || end != escape.data() + length) return {};
    return unit;
}

// A string of JavaScript may hold half of a surrogate pair, as when an emoji was cut in two. JSON.stringify
// writes it as an escape that stands for no character; U+FFFD takes its place, as in TextEncoder.
std::string without_lone_surrogates(std::string_view text) {
    auto leads = [](unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; };
    auto trails = [](unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t size = text[at] == '\\' ? 2 : 1;
        std::string_view part = text.substr(at, size);
        if (auto unit = escaped_unit(text, at)) {
            auto next = leads(*unit) ? escaped_unit(text, at + 6) : std::nullopt;
            bool is_pair = next && trails(*next);
            size = is_pair ? 12 : 6;
            part = text.substr(at, size);
            if (!is_pair && (leads(*unit) || trails(*unit))) part = "\\ufffd";
        }
        out += part;
        at += size;
    }
    return out;
}

json::value parsed(std::string_view text, boost::system::error_code& failed) {
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::value value = json::parse(text, failed, {}, options);
    if (!failed || !text.contains("\\u")) return value;
    return json::parse(without_lone_surrogates(text), failed, {}, options);
}

}  // namespace

bool is_reserved_event(std::string_view name) {
    constexpr std::array<std::string_view, 6> reserved{"connect",       "connect_error", "disconnect",
                                                       "disconnecting", "newListener",   "removeListener"};
    return std::ranges::find(reserved, name) != reserved.end();
}

PacketReader::State PacketReader::add_text(std::string_view text) {
    if (attachments_due_ > 0) return State::broken;
    packet_ = {};
    bool fits = read_type(text) && read_attachment_count(text) && read_namespace(text) && read_id(text) &&
                read_data(text);
    if (!fits) return State::broken;
    return attachments_due_ > 0 ? State::needs_more : State::ready;
}

PacketReader::State PacketReader::add_binary(std::string_view bytes) {
    if (attachments_due_ == 0) return State::broken;
    packet_.attachments.push_back(std::make_shared<const std::string>(bytes));
    return --attachments_due_ > 0 ? State::needs_more : State::ready;
}

bool PacketReader::read_type(std::string_view& text) {
    if (text.empty() || text.front() < '0' || text.front() > '6') return false;
    packet_.type = static_cast<PacketType>(text.front() - '0');
    text.remove_prefix(1);
    return true;
}

bool PacketReader::read_attachment_count(std::string_view& text) {
    if (!has_attachments(packet_.type)) return true;
    std::size_t count = 0;
    auto digits = text.substr(0, count_digits_max);
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (failed != std::errc{} || count > bounds_.attachments_max) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with('-')) return false;
    text.remove_prefix(1);
    attachments_due_ = count;
    return true;
}

// "/name," or, at the end of the packet, "/name".
bool PacketReader::read_namespace(std::string_view& text) {
    if (!text.starts_with('/')) return true;
    std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    packet_.namespace_name = name;
    return name.size() <= bounds_.name_bytes_max;
}

bool PacketReader::read_id(std::string_view& text) {
    if (text.empty() || !is_digit(text.front())) return true;
    std::uint64_t id = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (failed != std::errc{} || id > id_max) return false;
    packet_.id = id;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool PacketReader::read_data(std::string_view text) {
    bool given = !text.empty();
    if (given) {
        boost::system::error_code failed;
        packet_.data = parsed(text, failed);
        if (failed || packet_.data.is_null()) return false;
    }
    return has_fitting_data();
}

bool PacketReader::has_fitting_data() const {
    const json::value& data = packet_.data;
    switch (packet_.type) {
        case PacketType::connect: return data.is_null() || data.is_object();
        case PacketType::disconnect: return data.is_null();
        case PacketType::connect_error: return data.is_string() || data.is_object();
        case PacketType::ack:
        case PacketType::binary_ack:
            return packet_.id && data.is_array() && places_fit(data, attachments_due_);
        case PacketType::event:
        case PacketType::binary_event: break;
    }
    const auto* array = data.if_array();
    if (!array || array->empty()) return false;
    const json::value& name = array->front();
    bool named = name.is_number() || (name.is_string() && !is_reserved_event(name.get_string()));
    return named && (packet_.type == PacketType::event || places_fit(data, attachments_due_));
}

std::string packet_text(PacketType type, std::string_view namespace_name, std::optional<std::uint64_t> id,
                        std::string_view data, std::size_t attachments) {
    std::string text = "4";
    text += static_cast<char>('0' + static_cast<int>(type));
    if (has_attachments(type)) text.append(std::to_string(attachments)).append("-");
    if (namespace_name != "/") text.append(namespace_name).append(",");
    if (id) text += std::to_string(*id);
    return text.append(data);
}

}  // namespace realtime
