// The SQL of pictures. Only for this folder's own .cpp files.
#pragma once

#include "media/media.hpp"

namespace media::queries {

struct ImageRow {
    core::ImageId id;
    core::ProductId product_id;
    std::string alt;
    std::int64_t position = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::string file;
};
BOOST_DESCRIBE_STRUCT(ImageRow, (), (id, product_id, alt, position, width, height, file))

// By product and position.
std::vector<ImageRow> list_images(store::Tx& tx, const std::vector<std::string>& product_ids);
// Behind the last picture of its product. Answers the position it got.
std::int64_t insert_image(store::Tx& tx, const ImageRow& image);

}  // namespace media::queries
