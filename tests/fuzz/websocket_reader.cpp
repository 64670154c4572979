// Any bytes, in pieces of any size, with and without compression: the reader must end, stay in bounds, and
// keep its word about UTF-8 and size.
#include "realtime/websocket_reader.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using realtime::WebSocketReader;
    constexpr std::size_t bytes_max = 4096;
    if (size < 2) return 0;
    WebSocketReader reader(bytes_max, (data[0] & 1) != 0);
    std::size_t step = data[1] + std::size_t{1};
    std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        std::span<char> input(bytes.data() + at, std::min(step, bytes.size() - at));
        for (;;) {
            auto item = reader.next(input);
            if (item.kind == WebSocketReader::Item::Kind::nothing) break;
            if (item.kind == WebSocketReader::Item::Kind::failed) return 0;
            bool is_text = item.kind == WebSocketReader::Item::Kind::text;
            if (is_text && !realtime::Utf8Check::is_valid(item.payload)) std::abort();
            if (item.payload.size() > bytes_max) std::abort();
        }
    }
    return 0;
}
