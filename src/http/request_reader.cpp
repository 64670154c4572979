#include "http/request_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace http {
namespace {

constexpr Refused too_large{413, core::ErrorCode::body_too_large,
                            "The body is larger than this server takes here."};
constexpr std::size_t kept_capacity_max = 64 * 1024;
constexpr std::size_t chunk_line_bytes_max = 256;  // the size and, ignored, its extensions
constexpr std::size_t chunk_size_digits_max = 7;   // 256 MB: far beyond any body limit

// The hexadecimal size in front of a chunk line, if the line is well-formed (RFC 9112 §7.1).
std::optional<std::size_t> chunk_size(std::string_view line) {
    std::size_t size = 0;
    auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    auto digits = static_cast<std::size_t>(end - line.data());
    if (failed != std::errc{} || digits == 0 || digits > chunk_size_digits_max) return {};
    std::string_view extension = line.substr(digits);
    if (extension.empty()) return size;
    if (extension.front() != ';') return {};
    bool clean = std::ranges::all_of(extension, [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7F); });
    return clean ? std::optional(size) : std::nullopt;
}

}  // namespace

std::span<char> InputBuffer::prepare(std::size_t size) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (storage_.size() - end_ < size && begin_ > 0) {
        std::memmove(storage_.data(), storage_.data() + begin_, end_ - begin_);
        end_ -= std::exchange(begin_, 0);
    }
    if (storage_.size() - end_ < size) storage_.resize(std::max(end_ + size, storage_.size() * 2));
    return {storage_.data() + end_, storage_.size() - end_};
}

void InputBuffer::consume(std::size_t size) {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
}

void InputBuffer::cut(std::size_t at, std::size_t size) {
    char* gap = storage_.data() + begin_ + at;
    std::memmove(gap, gap + size, end_ - begin_ - at - size);
    end_ -= size;
}

void InputBuffer::shrink() {
    if (storage_.size() > kept_capacity_max) storage_ = {};
}

RequestReader::State RequestReader::next(InputBuffer& input, Request& request) {
    bool views_are_fresh = stage_ == Stage::head;
    if (stage_ == Stage::head) {
        State state = next_head(input, request);
        if (state != State::in_body) return state;
    }
    State state = stage_ == Stage::sized ? next_sized(input) : next_chunked(input);
    if (state != State::ready) return state;
    stage_ = Stage::whole;
    if (!views_are_fresh) {  // the buffer may have moved since the head was read
        auto head = read_head(input.bytes().first(head_size_), limits_, request);
        if (!head) return refuse(head.error());
    }
    request.body = {input.bytes().data() + head_size_, body_size_};
    return State::ready;
}

RequestReader::State RequestReader::next_head(InputBuffer& input, Request& request) {
    // An empty line before a request is let pass (RFC 9112 §2.2).
    while (input.size() >= 2 && input.bytes()[0] == '\r' && input.bytes()[1] == '\n')
        input.consume(2);
    if (input.size() == 0) return State::idle;
    std::string_view bytes(input.bytes().data(), input.size());
    std::size_t from = searched_ > 3 ? searched_ - 3 : 0;
    std::size_t end = bytes.find("\r\n\r\n", from);
    std::size_t size = end == std::string_view::npos ? bytes.size() : end + 4;
    if (bytes.find('\0', from) < size)
        return refuse({400, core::ErrorCode::bad_request, "The head holds a NUL."});
    if (size > limits_.header_bytes_max) {
        bool in_first_line = bytes.find("\r\n") > limits_.line_bytes_max;
        return in_first_line
                   ? refuse({414, core::ErrorCode::target_too_long, "The request line is too long."})
                   : refuse({431, core::ErrorCode::headers_too_large, "The headers are too large."});
    }
    if (end == std::string_view::npos) {
        // A bare LF never becomes valid: say so now instead of waiting for an end that won't come.
        for (std::size_t i = bytes.find('\n', from); i != std::string_view::npos;
             i = bytes.find('\n', i + 1)) {
            if (i == 0 || bytes[i - 1] != '\r')
                return refuse({400, core::ErrorCode::bad_request, "A line ends without CR."});
        }
        searched_ = bytes.size();
        return State::in_head;
    }
    auto head = read_head(input.bytes().first(size), limits_, request);
    if (!head) return refuse(head.error());
    head_ = *head;
    head_size_ = size;
    body_size_ = 0;
    drained_ = 0;
    const std::uint64_t upload_max = head_.body != Head::Body::none && upload_max_ ? upload_max_(request) : 0;
    is_upload_ = upload_max > 0;
    body_max_ = is_upload_ ? upload_max : limits_.body_bytes_max;
    if (head_.content_length > body_max_) return refuse(too_large);
    request.body = {};
    if (head_.body == Head::Body::none) {
        stage_ = Stage::whole;
        raw_at_ = head_size_;
        return State::ready;
    }
    stage_ = head_.body == Head::Body::sized ? Stage::sized : Stage::chunk_line;
    raw_at_ = head_size_;
    continue_due_ = head_.expects_continue && bytes.size() == size;
    return State::in_body;
}

RequestReader::State RequestReader::next_sized(InputBuffer& input) {
    auto length = static_cast<std::size_t>(head_.content_length - drained_);
    if (input.size() - head_size_ < length) return State::in_body;
    body_size_ = length;
    raw_at_ = head_size_ + length;
    return State::ready;
}

// Reads a chunk's size line or a trailer line. No value: go on.
std::optional<RequestReader::State> RequestReader::read_chunk_line(std::string_view bytes) {
    auto malformed = [&] {
        return refuse({400, core::ErrorCode::bad_request, "The chunked body is malformed."});
    };
    bool in_trailer = stage_ == Stage::trailer;
    std::size_t line_max = in_trailer ? limits_.line_bytes_max : chunk_line_bytes_max;
    std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
        if (bytes.size() > line_max) return malformed();
        return State::in_body;
    }
    if (end == 0 || bytes[end - 1] != '\r' || end > line_max) return malformed();
    std::string_view line = bytes.substr(0, end - 1);
    raw_at_ += end + 1;
    if (in_trailer) {
        trailer_bytes_ += end + 1;
        if (line.empty()) return State::ready;
        if (!is_header_line(line) || trailer_bytes_ > limits_.header_bytes_max) return malformed();
        return {};
    }
    auto size = chunk_size(line);
    if (!size) return malformed();
    if (*size > body_max_ - drained_ - body_size_) return refuse(too_large);
    chunk_left_ = *size;
    stage_ = *size == 0 ? Stage::trailer : Stage::chunk_data;
    trailer_bytes_ = 0;
    return {};
}

RequestReader::State RequestReader::next_chunked(InputBuffer& input) {
    for (;;) {
        auto raw = input.bytes().subspan(raw_at_);
        if (stage_ == Stage::chunk_data) {
            // Decoded in place: what is decoded never reaches what is not.
            std::size_t size = std::min(chunk_left_, raw.size());
            std::memmove(input.bytes().data() + head_size_ + body_size_, raw.data(), size);
            body_size_ += size;
            raw_at_ += size;
            chunk_left_ -= size;
            if (chunk_left_ > 0) return State::in_body;
            stage_ = Stage::chunk_end;
        } else if (stage_ == Stage::chunk_end) {
            if (raw.size() < 2) return State::in_body;
            if (raw[0] != '\r' || raw[1] != '\n') {
                return refuse({400, core::ErrorCode::bad_request, "The chunked body is malformed."});
            }
            raw_at_ += 2;
            stage_ = Stage::chunk_line;
        } else if (auto state = read_chunk_line({raw.data(), raw.size()})) {
            return *state;
        }
    }
}

void RequestReader::drain(InputBuffer& input, std::string& out) {
    if (stage_ == Stage::sized) {  // all that is behind the head belongs to the body
        body_size_ = input.size() - head_size_;
        raw_at_ = head_size_ + body_size_;
    }
    out.append(input.bytes().data() + head_size_, body_size_);
    input.cut(head_size_, body_size_);
    raw_at_ -= body_size_;
    drained_ += std::exchange(body_size_, 0);
}

void RequestReader::read_head_again(InputBuffer& input, Request& request) const {
    request.body = {};
    if (head_size_ > 0 && read_head(input.bytes().first(head_size_), limits_, request)) return;
    request.method = Method::other;
    request.method_name = "-";
    request.path = request.target = request.query = {};
    request.headers.clear();
}

void RequestReader::finish(InputBuffer& input) {
    input.consume(raw_at_);
    stage_ = Stage::head;
    head_size_ = 0;
    searched_ = 0;
    continue_due_ = false;
    is_upload_ = false;
    if (input.size() == 0) input.shrink();
}

}  // namespace http
