// Strangers' pictures to pictures of ours: looked at, decoded in a confined process, turned upright, stripped
// of everything but pixels and written in the sizes that pages show. Products use it; anything else that
// takes pictures may.
#pragma once

#include "async/pool.hpp"
#include "http/upload.hpp"
#include "media/media.hpp"

namespace media {

inline constexpr std::uint64_t picture_bytes_max =
    15 * 1024 * 1024;  // a photo of a good phone, and half as much again
inline constexpr std::uint64_t picture_pixels_max = 50'000'000;
inline constexpr std::uint64_t picture_side_max = 16'384;
inline constexpr std::size_t alt_length_max = 500;

// A picture that was taken in: its files are in the folder, no row speaks of them yet.
struct Picture {
    std::int64_t width = 0;  // pixels, upright
    std::int64_t height = 0;
    std::string dominant_color;  // "#a0b1c2"
    RenditionFiles files;
    std::string alt;  // the form's member of that name
};

class Pictures {
public:
    // Works in `folder`, which nobody else uses; `threads` pictures at once.
    Pictures(const Folder& store, std::filesystem::path folder, unsigned threads);

    // Out of a form with the members `file` and `alt`. Errors: 415 unsupported_media_type for what isn't a
    // JPEG, PNG, WebP, GIF or AVIF; 413 body_too_large; 422 for one that is too large to decode or broken;
    // 503.
    boost::asio::awaitable<core::Result<Picture>> take(const http::Upload& upload, std::string content_type);
    // The same on the calling thread, with the picture's bytes in a file.
    core::Result<Picture> take_file(const std::filesystem::path& file) const;

    // Clears away what a kill left half done. Before the first request.
    void start();
    void stop() { pool_.stop(); }

private:
    core::Result<Picture> take_form(const http::Upload& upload, const std::string& content_type) const;

    const Folder& store_;
    std::filesystem::path folder_;
    async::Pool pool_;
};

}  // namespace media
