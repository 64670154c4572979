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
    // Null where `file` serves for every size.
    std::optional<std::string> thumb;
    std::optional<std::string> small;
    std::optional<std::string> medium;
    std::optional<std::string> large;
    std::optional<std::string> dominant_color;
};
BOOST_DESCRIBE_STRUCT(ImageRow, (),
                      (id, product_id, alt, position, width, height, file, thumb, small, medium, large,
                       dominant_color))

// By product and position.
std::vector<ImageRow> list_images(store::Tx& tx, const std::vector<std::string>& product_ids);
// Behind the last picture of its product. Answers the position it got.
std::int64_t insert_image(store::Tx& tx, const ImageRow& image);
// Holds the pictures of a product until the commit, so that two reorders follow each other.
void lock_images(store::Tx& tx, core::ProductId product);
void update_image(store::Tx& tx, const ImageRow& image);  // alt and position
bool has_image(store::Tx& tx, core::ProductId product, const std::string& file);
std::optional<ImageRow> find_image_of_file(store::Tx& tx, const std::string& file);
bool delete_image(store::Tx& tx, core::ProductId product, core::ImageId image);

}  // namespace media::queries
