// The pictures of a product: adding, ordering, removing. Files and decoding are media's.
#pragma once

#include "catalog/product.hpp"
#include "media/media.hpp"
#include "store/database.hpp"

namespace catalog {

struct NewProductImage {
    ProductReference id;
    std::shared_ptr<const http::Upload> upload;  // a form with `file` and `alt`
    std::string content_type;
    media::Picture picture;  // what take_product_image() makes of it
};
BOOST_DESCRIBE_STRUCT(NewProductImage, (), (id))

struct ImagePatch {
    ProductReference id;
    core::ImageId image_id;
    core::Patch<core::Text<0, media::alt_length_max>> alt;
    core::Patch<Place> position;  // from 0; pictures behind it move on
};
BOOST_DESCRIBE_STRUCT(ImagePatch, (), (id, image_id, alt, position))

struct ImageAddress {
    ProductReference id;
    core::ImageId image_id;
};
BOOST_DESCRIBE_STRUCT(ImageAddress, (), (id, image_id))

// Decodes the picture, before the transaction that adds it; its files without a row are swept away if that
// fails.
boost::asio::awaitable<core::Result<void>> take_product_image(store::Database& database,
                                                              media::Pictures& pictures,
                                                              const core::Caller& caller,
                                                              NewProductImage& image);
core::Result<media::Image> add_product_image(store::Tx& tx, const core::Caller& caller,
                                             const NewProductImage& image);
// A picture as its product shows it.
core::Result<media::Image> get_product_image(store::Tx& tx, const core::Caller& caller,
                                             const ImageAddress& address);
core::Result<media::Image> change_product_image(store::Tx& tx, const core::Caller& caller,
                                                const ImagePatch& patch);
core::Result<void> delete_product_image(store::Tx& tx, const core::Caller& caller,
                                        const ImageAddress& address);

}  // namespace catalog
