#include "media/routes.hpp"

#include "http/problem.hpp"

#include <charconv>

namespace media {
namespace {

std::string_view content_type_of(std::string_view name) {
    if (name.ends_with(".webp")) return "image/webp";
    if (name.ends_with(".png")) return "image/png";
    return "image/jpeg";
}

// A name stands for its bytes for ever, so the name is the tag and caches may keep them.
http::Reply picture(std::string_view name, std::string bytes) {
    http::Reply reply;
    reply.content_type = content_type_of(name);
    reply.cache_control = "public, max-age=31536000, immutable";
    reply.content_security_policy = "sandbox; default-src 'none'";
    reply.etag = name.substr(0, name.find('.'));
    reply.compressible = false;
    reply.body = std::make_shared<const std::string>(std::move(bytes));
    return reply;
}

struct Range {
    std::size_t first = 0;
    std::size_t last = 0;  // itself included
};

std::optional<std::size_t> number(std::string_view text) {
    std::size_t value = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

// "bytes=0-99", "bytes=100-" or "bytes=-50" (RFC 9110 §14.1.2); several ranges, or what is no range of bytes,
// are not looked at. A range behind the end has first > last.
std::optional<Range> range_of(std::string_view header, std::size_t size) {
    constexpr std::string_view unit = "bytes=";
    const std::size_t dash = header.find('-');
    if (!header.starts_with(unit) || dash == header.npos || header.find(',') != header.npos) return {};
    const auto first = number(header.substr(unit.size(), dash - unit.size()));
    const auto last = number(header.substr(dash + 1));
    const bool is_suffix = dash == unit.size();
    if ((!is_suffix && !first) || (dash + 1 < header.size() && !last)) return {};
    if (is_suffix)
        return last && *last > 0 ? std::optional(Range{size - std::min(size, *last), size - 1}) : Range{1, 0};
    if (*first >= size) return Range{1, 0};
    return Range{*first, std::min(last.value_or(size - 1), size - 1)};
}

// The part of a picture that was asked for (RFC 9110 §14), if one was.
http::Reply part_of(http::Reply whole, const http::Request& request) {
    whole.add_header("accept-ranges", "bytes");
    const std::string_view unchanged = request.header("if-range");
    const bool holds = unchanged.empty() || unchanged == "\"" + whole.etag + "\"";
    const std::size_t size = whole.body->size();
    const auto range = holds ? range_of(request.header("range"), size) : std::nullopt;
    if (!range || http::names_tag(request.header("if-none-match"), whole.etag)) return whole;
    if (range->first > range->last) {
        http::Reply refused = http::problem(
            416, {core::ErrorCode::invalid_parameter, "The picture ends before this range.", {}, {}},
            request.request_id);
        refused.add_header("content-range", "bytes */" + std::to_string(size));
        return refused;
    }
    whole.status = 206;
    whole.add_header("content-range", "bytes " + std::to_string(range->first) + "-" +
                                          std::to_string(range->last) + "/" + std::to_string(size));
    whole.body =
        std::make_shared<const std::string>(whole.body->substr(range->first, range->last - range->first + 1));
    return whole;
}

boost::asio::awaitable<http::Reply> read_picture(const Folder& folder, async::Pool& files,
                                                 const http::Request& request, std::string name) {
    if (is_file_name(name)) {
        auto bytes = co_await files.run([&] { return folder.find(name); });
        if (!bytes) co_return http::problem(bytes.error(), request.request_id);
        if (*bytes) co_return part_of(picture(name, std::move(**bytes)), request);
    }
    co_return http::problem({core::ErrorCode::not_found, "There is no such picture.", {}, {}},
                            request.request_id);
}

}  // namespace

void add_routes(http::Api& api, const Folder& folder, async::Pool& files) {
    api.room("media");
    api.raw("/media/{file}", "Read a picture of a product",
            [&folder, &files](const http::Request& request, const http::Parameters& path) {
                return read_picture(folder, files, request, path.front().second);
            });
}

}  // namespace media
