// Any bytes as a connection's requests (heads, lengths, chunks, trailers), in pieces of any size: the same
// ones must come out as of all bytes at once, and what they hold must lie within them.
#include "http/request_reader.hpp"

#include <cstdlib>

namespace {

struct Read {
    std::string method;
    std::string target;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    bool operator==(const Read&) const = default;
};

std::vector<Read> read(std::string_view bytes, std::size_t piece) {
    using http::RequestReader;
    http::Limits limits;
    limits.body_bytes_max = 4096;
    RequestReader reader(limits);
    http::InputBuffer input;
    std::vector<Read> all;
    while (!bytes.empty()) {
        const std::size_t size = std::min(piece, bytes.size());
        bytes.copy(input.prepare(size).data(), size);
        input.commit(size);
        bytes.remove_prefix(size);
        http::Request request;
        RequestReader::State state;
        while ((state = reader.next(input, request)) == RequestReader::State::ready) {
            if (request.body.size() > limits.body_bytes_max) std::abort();
            Read one{
                std::string(request.method_name), std::string(request.target), std::string(request.body), {}};
            for (const auto& [name, value] : request.headers)
                one.headers.emplace_back(name, value);
            all.push_back(std::move(one));
            static_cast<void>(http::parse_query(request.query));
            static_cast<void>(http::percent_decoded(request.path, false));
            reader.finish(input);
            request = {};
        }
        if (state == RequestReader::State::refused) {
            if (reader.refusal().status < 400) std::abort();
            break;
        }
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (read(bytes, data[0] + std::size_t{1}) != read(bytes, bytes.size() + 1)) std::abort();
    return 0;
}
