// Pictures of products: rows that say what a picture is, files under <data>/media that hold it. Files are named by
// their content, never change and are served as they are.
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
    std::int64_t width = 0;   // pixels
    std::int64_t height = 0;
    ImageUrls urls;
};
BOOST_DESCRIBE_STRUCT(Image, (), (id, alt, position, width, height, urls))

// By product, each in the order of position.
std::map<core::ProductId, std::vector<Image>> list_images(store::Tx& tx, const std::vector<std::string>& product_ids);

// The url of the first picture of a product, if it has one: for cart lines.
std::optional<std::string> find_first_url(store::Tx& tx, core::ProductId product);
// The same for many products in one statement; products without a picture are left out.
std::map<core::ProductId, std::string> list_first_urls(store::Tx& tx, const std::vector<std::string>& product_ids);

}  // namespace media
