// Pictures of products: rows that say what a picture is, files under <data>/media that hold it. Files are
// named by their content, never change and are served as they are.
#pragma once

#include "core/id.hpp"
#include "core/text.hpp"
#include "store/tx.hpp"

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
    ImageUrls urls;
};
BOOST_DESCRIBE_STRUCT(Image, (), (id, alt, position, width, height, urls))

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
};

// Behind the pictures that the product has.
Image add_image(store::Tx& tx, const NewImage& image);

// By product, each in the order of position.
std::map<core::ProductId, std::vector<Image>> list_images(store::Tx& tx,
                                                          const std::vector<std::string>& product_ids);

// The url of the first picture of a product, if it has one: for cart lines.
std::optional<std::string> find_first_url(store::Tx& tx, core::ProductId product);
// The same for many products in one statement; products without a picture are left out.
std::map<core::ProductId, std::string> list_first_urls(store::Tx& tx,
                                                       const std::vector<std::string>& product_ids);

}  // namespace media
