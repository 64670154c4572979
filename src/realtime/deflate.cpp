#include "realtime/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace realtime {
namespace {

constexpr int raw_window_bits = -15;                     // no zlib header, as RFC 7692 wants it
constexpr std::string_view tail("\x00\x00\xff\xff", 4);  // left out on the wire (RFC 7692 §7.2.1)
constexpr std::size_t piece = 16 * 1024;

struct Deflater {
    Deflater() {
        constexpr int memory_level = 8;
        if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, raw_window_bits, memory_level,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    ~Deflater() { deflateEnd(&stream); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    z_stream stream{};
};

struct Inflater {
    Inflater() {
        if (inflateInit2(&stream, raw_window_bits) != Z_OK) throw std::bad_alloc();
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream stream{};
};

void give(z_stream& stream, std::string_view input) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream.avail_in = static_cast<uInt>(input.size());
}

// Appends what inflate() makes of its input. False if the input is broken or `out` passes `bytes_max`.
Inflated::State inflate_into(z_stream& stream, std::string& out, std::size_t bytes_max) {
    for (;;) {
        std::size_t before = out.size();
        std::size_t room = std::min(piece, bytes_max + 1 - before);
        out.resize(before + room);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream.avail_out = static_cast<uInt>(room);
        int result = inflate(&stream, Z_SYNC_FLUSH);
        out.resize(before + room - stream.avail_out);
        if (out.size() > bytes_max) return Inflated::State::too_big;
        // A final block ends the data; what may stand behind it begins anew, which no sender does.
        if (result == Z_STREAM_END)
            return stream.avail_in == 0 ? Inflated::State::good : Inflated::State::broken;
        if (result != Z_OK && result != Z_BUF_ERROR) return Inflated::State::broken;
        if (stream.avail_in == 0 && stream.avail_out > 0) return Inflated::State::good;
        if (result == Z_BUF_ERROR && stream.avail_out > 0) return Inflated::State::broken;
    }
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t'))
        text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t'))
        text.remove_suffix(1);
    return text;
}

// Calls `each` with the trimmed parts of a list; false as soon as `each` is.
template <class F>
bool for_each_part(std::string_view list, char separator, F each) {
    while (!list.empty()) {
        std::string_view part = list.substr(0, list.find(separator));
        list.remove_prefix(std::min(list.size(), part.size() + 1));
        if (!each(trimmed(part))) return false;
    }
    return true;
}

// We promise nothing about our window, so an offer that limits it (server_max_window_bits) is passed over.
bool can_take(std::string_view offer) {
    bool first = true;
    return for_each_part(offer, ';', [&](std::string_view part) {
        if (std::exchange(first, false)) return part == "permessage-deflate";
        return part == "server_no_context_takeover" || part == "client_no_context_takeover" ||
               part.substr(0, part.find('=')) == "client_max_window_bits";
    });
}

}  // namespace

bool offers_deflate(std::string_view extensions) {
    return !for_each_part(extensions, ',', [](std::string_view offer) { return !can_take(offer); });
}

std::string deflated(std::string_view text) {
    thread_local Deflater deflater;
    z_stream& stream = deflater.stream;
    deflateReset(&stream);
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + tail.size() + 1, '\0');
    give(stream, text);
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_SYNC_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.ends_with(tail)) out.resize(out.size() - tail.size());
    return out;
}

Inflated inflated(std::string_view payload, std::size_t bytes_max) {
    thread_local Inflater inflater;
    z_stream& stream = inflater.stream;
    inflateReset(&stream);
    Inflated result;
    give(stream, payload);
    result.state = inflate_into(stream, result.text, bytes_max);
    if (result.state != Inflated::State::good) return result;
    give(stream, tail);
    result.state = inflate_into(stream, result.text, bytes_max);
    return result;
}

}  // namespace realtime
