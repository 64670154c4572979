#include "media/routes.hpp"

#include "http/problem.hpp"

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

boost::asio::awaitable<http::Reply> read_picture(const Folder& folder, async::Pool& files,
                                                 const http::Request& request, std::string name) {
    if (is_file_name(name)) {
        auto bytes = co_await files.run([&] { return folder.find(name); });
        if (!bytes) co_return http::problem(bytes.error(), request.request_id);
        if (*bytes) co_return picture(name, std::move(**bytes));
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
