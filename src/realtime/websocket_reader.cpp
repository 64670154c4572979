#include "realtime/websocket_reader.hpp"

#include "realtime/deflate.hpp"

#include <algorithm>

namespace realtime {
namespace {

constexpr unsigned char final_bit = 0x80;
constexpr unsigned char compressed_bit = 0x40;  // RSV1 (RFC 7692 §6)
constexpr unsigned char reserved_bits = 0x30;
constexpr unsigned char masked_bit = 0x80;
constexpr std::uint64_t control_bytes_max = 125;
constexpr std::size_t kept_capacity_max = 4096;  // of a finished message; more is given back

bool is_control(Opcode opcode) {
    return static_cast<std::uint8_t>(opcode) >= 8;
}

bool is_known(Opcode opcode) {
    auto number = static_cast<std::uint8_t>(opcode);
    return number <= 2 || (number >= 8 && number <= 10);
}

// RFC 6455 §7.4.2 and the codes registered since.
bool may_be_sent(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

std::string websocket_frame_head(Opcode opcode, std::size_t size, bool compressed) {
    std::string head;
    head +=
        static_cast<char>(final_bit | (compressed ? compressed_bit : 0) | static_cast<unsigned char>(opcode));
    int size_bytes = 0;
    if (size <= control_bytes_max) {
        head += static_cast<char>(size);
    } else if (size <= 0xFFFF) {
        head += static_cast<char>(126);
        size_bytes = 2;
    } else {
        head += static_cast<char>(127);
        size_bytes = 8;
    }
    for (int i = size_bytes - 1; i >= 0; --i)
        head += static_cast<char>((size >> (8 * i)) & 0xFF);
    return head;
}

std::string websocket_frame(Opcode opcode, std::string_view payload, bool compressed) {
    return websocket_frame_head(opcode, payload.size(), compressed).append(payload);
}

std::string websocket_close_frame(std::uint16_t code) {
    if (code == close_code::none) return websocket_frame(Opcode::close, {});
    const char bytes[2] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    return websocket_frame(Opcode::close, {bytes, 2});
}

WebSocketReader::Item WebSocketReader::fail(std::uint16_t code) {
    failed_ = true;
    return {Item::Kind::failed, {}, code};
}

WebSocketReader::Item WebSocketReader::next(std::span<char>& input) {
    if (is_over_) {
        message_.clear();
        if (message_.capacity() > kept_capacity_max) message_.shrink_to_fit();
        is_over_ = false;
    }
    while (!failed_) {
        if (!in_payload_) {
            Item item;
            if (!read_head(input, item)) return item;
        }
        auto part = input.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
        input = input.subspan(part.size());
        unmask(part);
        left_ -= part.size();
        Item item = is_control(opcode_) ? read_control(part) : read_data(part);
        if (left_ == 0) in_payload_ = false;
        if (item.kind != Item::Kind::nothing) return item;
        if (left_ > 0) return {};
    }
    return {};
}

// True when the head is whole; otherwise `item` says what to answer.
bool WebSocketReader::read_head(std::span<char>& input, Item& item) {
    for (;;) {
        std::size_t size = 2;
        if (head_size_ >= 2) {
            unsigned length = head_[1] & 0x7F;
            size += 4 + (length == 126 ? 2 : length == 127 ? 8 : 0);
        }
        if (head_size_ == size) break;
        if (input.empty()) return false;
        head_[head_size_++] = static_cast<unsigned char>(input.front());
        input = input.subspan(1);
        if (head_size_ != 2) continue;
        if (auto code = check_head_start()) {
            item = fail(code);
            return false;
        }
    }
    if (auto code = begin_frame()) {
        item = fail(code);
        return false;
    }
    return true;
}

// What the first two bytes already say is wrong, or 0.
std::uint16_t WebSocketReader::check_head_start() const {
    auto opcode = static_cast<Opcode>(head_[0] & 0x0F);
    bool is_final = (head_[0] & final_bit) != 0;
    bool compressed = (head_[0] & compressed_bit) != 0;
    bool masked = (head_[1] & masked_bit) != 0;
    bool begins = opcode == Opcode::text || opcode == Opcode::binary;
    if ((head_[0] & reserved_bits) != 0 || !is_known(opcode) || !masked) return close_code::protocol_error;
    if (compressed && (!deflate_ || !begins)) return close_code::protocol_error;
    if (is_control(opcode)) {
        bool fits = is_final && (head_[1] & 0x7F) <= control_bytes_max;
        return fits ? 0 : close_code::protocol_error;
    }
    return begins == in_message_ ? close_code::protocol_error : 0;
}

std::uint16_t WebSocketReader::begin_frame() {
    unsigned length = head_[1] & 0x7F;
    std::size_t size_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    left_ = size_bytes == 0 ? length : 0;
    for (std::size_t i = 0; i < size_bytes; ++i)
        left_ = left_ << 8 | head_[2 + i];
    // The shortest form must be used, and no length has its highest bit set (RFC 6455 §5.2).
    bool is_shortest = size_bytes == 0 || (size_bytes == 2 ? left_ > control_bytes_max : left_ > 0xFFFF);
    if (!is_shortest || left_ >> 63 != 0) return close_code::protocol_error;
    std::copy_n(head_.begin() + 2 + static_cast<std::ptrdiff_t>(size_bytes), 4, mask_.begin());
    mask_at_ = 0;
    opcode_ = static_cast<Opcode>(head_[0] & 0x0F);
    final_ = (head_[0] & final_bit) != 0;
    bool compressed = (head_[0] & compressed_bit) != 0;
    head_size_ = 0;
    in_payload_ = true;
    if (is_control(opcode_)) {
        control_.clear();
        return 0;
    }
    if (!in_message_) {
        in_message_ = true;
        is_text_ = opcode_ == Opcode::text;
        is_compressed_ = compressed;
        utf8_ = {};
    }
    // Judged by what is announced: nothing of it is read.
    return left_ > message_bytes_max_ - message_.size() ? close_code::too_big : 0;
}

void WebSocketReader::unmask(std::span<char> part) {
    std::array<char, 8> key;
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<char>(mask_[(mask_at_ + i) & 3]);
    std::size_t i = 0;
    for (; i + 8 <= part.size(); i += 8) {  // eight at a time, which compilers turn into one operation
        for (std::size_t j = 0; j < 8; ++j)
            part[i + j] = static_cast<char>(part[i + j] ^ key[j]);
    }
    for (std::size_t j = 0; i < part.size(); ++i, ++j)
        part[i] = static_cast<char>(part[i] ^ key[j]);
    mask_at_ = static_cast<std::uint8_t>((mask_at_ + part.size()) & 3);
}

WebSocketReader::Item WebSocketReader::read_control(std::span<char> part) {
    control_.append(part.data(), part.size());
    if (left_ > 0) return {};
    if (opcode_ == Opcode::ping) return {Item::Kind::ping, control_, 0};
    if (opcode_ == Opcode::pong) return {Item::Kind::pong, control_, 0};
    if (control_.empty()) return {Item::Kind::close, {}, close_code::none};
    if (control_.size() == 1) return fail(close_code::protocol_error);
    auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(control_[0]) << 8 |
                                           static_cast<unsigned char>(control_[1]));
    if (!may_be_sent(code)) return fail(close_code::protocol_error);
    std::string_view reason = std::string_view(control_).substr(2);
    if (!Utf8Check::is_valid(reason)) return fail(close_code::invalid_data);
    return {Item::Kind::close, reason, code};
}

WebSocketReader::Item WebSocketReader::read_data(std::span<char> part) {
    std::string_view bytes(part.data(), part.size());
    if (is_text_ && !is_compressed_ && !utf8_.add(bytes)) return fail(close_code::invalid_data);
    bool whole = left_ == 0 && final_;
    if (whole && message_.empty() && !is_compressed_) return finish_message(bytes);  // no copy
    message_.append(bytes);
    if (!whole) return {};
    return is_compressed_ ? finish_compressed() : finish_message(message_);
}

WebSocketReader::Item WebSocketReader::finish_message(std::string_view whole) {
    if (is_text_ && !utf8_.is_complete()) return fail(close_code::invalid_data);
    in_message_ = false;
    is_over_ = true;
    return {is_text_ ? Item::Kind::text : Item::Kind::binary, whole, 0};
}

WebSocketReader::Item WebSocketReader::finish_compressed() {
    Inflated result = inflated(message_, message_bytes_max_);
    if (result.state == Inflated::State::too_big) return fail(close_code::too_big);
    if (result.state == Inflated::State::broken) return fail(close_code::invalid_data);
    message_ = std::move(result.text);
    if (is_text_ && !utf8_.add(message_)) return fail(close_code::invalid_data);
    return finish_message(message_);
}

}  // namespace realtime
