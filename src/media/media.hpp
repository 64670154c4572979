// Pictures of products: rows that say what a picture is, files under <data>/media that hold it. Files are
// named by their content, never change and are served as they are.
#pragma once

#include "async/pool.hpp"
#include "core/id.hpp"
#include "core/text.hpp"
#include "http/upload.hpp"
#include "store/tx.hpp"

#include <chrono>
#include <filesystem>
#include <map>

namespace media {

struct ImageUrls {
    std::string thumb;
    std::string small;
    std::string medium;
    std::string large;
    std::string original;
};
BOOST_DESCRIBE_STRUCT(ImageUrls, (), (thumb, small, medium, large, original))

struct Image {
    core::ImageId id;
    std::string alt;
    std::int64_t position = 0;
    std::int64_t width = 0;  // pixels
    std::int64_t height = 0;
    std::optional<std::string> dominant_color;  // "#a0b1c2", of pictures that were uploaded
    ImageUrls urls;
};
BOOST_DESCRIBE_STRUCT(Image, (), (id, alt, position, width, height, dominant_color, urls))

inline constexpr std::int64_t images_per_product_max = 50;  // a gallery, not an archive

// The files of one picture, smallest first; at most 200, 400, 800, 1600 and 4096 pixels a side.
struct RenditionFiles {
    std::string thumb;
    std::string small;
    std::string medium;
    std::string large;
    std::string original;
};

// The folder that holds the files. Its own are named by a fingerprint of their bytes, so that one name always
// means the same bytes and two equal pictures are one file.
class Folder {
public:
    // Makes the folder if it is missing. Throws std::filesystem::filesystem_error where it can't.
    explicit Folder(std::filesystem::path path);

    // Writes a picture, flushed to the disk, and answers its name; `extension` is webp, jpg or png. Call it
    // before the transaction that refers to it: a file without a row is only waste, a row without a file is a
    // broken page. Throws std::runtime_error if it can't be written.
    std::string keep(std::string_view bytes, std::string_view extension) const;

    // The bytes of a file that keep() named; empty if there is none of that name.
    std::optional<std::string> find(std::string_view name) const;

    // Files that nobody has kept again for so long: those no row speaks of are waste.
    std::vector<std::string> list_older_than(std::chrono::seconds age) const;
    void remove(const std::string& name) const;

private:
    std::filesystem::path path_;
};

// A name that keep() could have given: lower-case hex, a dot and an extension that is served. Anything else,
// a path for one, is not a file of ours.
bool is_file_name(std::string_view name);

struct NewImage {
    core::ProductId product_id;
    std::string file;  // as Folder::keep() answered
    std::string alt;
    std::int64_t width = 0;  // pixels
    std::int64_t height = 0;
    std::optional<RenditionFiles> renditions = {};  // else `file` serves for every size
    std::optional<std::string> dominant_color = {};
};

// Behind the pictures that the product has.
Image add_image(store::Tx& tx, const NewImage& image);

struct ImageChange {
    core::ProductId product_id;
    core::ImageId id;
    std::optional<std::string> alt;
    std::optional<std::int64_t> position;  // from 0; those behind it move on
};
// Errors: not_found.
core::Result<Image> change_image(store::Tx& tx, const ImageChange& change);
core::Result<void> delete_image(store::Tx& tx, core::ProductId product, core::ImageId image);
std::int64_t count_images(store::Tx& tx, core::ProductId product);

// All that rows speak of.
std::vector<std::string> list_files_in_use(store::Tx& tx);

// Whether the product shows this file in full size.
bool has_image(store::Tx& tx, core::ProductId product, const std::string& file);
// The picture of that file for a product, as another one has it; empty if none has.
std::optional<NewImage> find_same_image(store::Tx& tx, core::ProductId product, const std::string& file);
// Those of `files` that a row speaks of.
std::vector<std::string> list_used_files(store::Tx& tx, const std::vector<std::string>& files);

// By product, each in the order of position.
std::map<core::ProductId, std::vector<Image>> list_images(store::Tx& tx,
                                                          const std::vector<std::string>& product_ids);

// The url of the first picture of a product, if it has one: for cart lines.
std::optional<std::string> find_first_url(store::Tx& tx, core::ProductId product);
// The same for many products in one statement; products without a picture are left out.
std::map<core::ProductId, std::string> list_first_urls(store::Tx& tx,
                                                       const std::vector<std::string>& product_ids);

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

// Strangers' pictures to pictures of ours: looked at, decoded in a confined process, turned upright, stripped
// of everything but pixels and written in the sizes that pages show. Products use it; anything else that
// takes pictures may.
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

    // Pictures being decoded or waiting for it.
    std::size_t taking() const { return pool_.waiting(); }

private:
    core::Result<Picture> take_form(const http::Upload& upload, const std::string& content_type) const;

    const Folder& store_;
    std::filesystem::path folder_;
    async::Pool pool_;
};

}  // namespace media
