#include "catalog/images.hpp"

#include "catalog/product_view.hpp"

namespace catalog {
namespace {

core::Result<core::ProductId> product_with_room(store::Tx& tx, const core::Caller& caller,
                                                const ProductReference& reference) {
    auto row = get_product_row(tx, caller, reference);
    if (!row) return std::unexpected(std::move(row.error()));
    if (media::count_images(tx, row->id) >= media::images_per_product_max) {
        return core::fail(core::ErrorCode::conflict, "A product has at most " +
                                                         std::to_string(media::images_per_product_max) +
                                                         " pictures. Delete one first.");
    }
    return row->id;
}

}  // namespace

boost::asio::awaitable<core::Result<void>> take_product_image(store::Database& database,
                                                              media::Pictures& pictures,
                                                              const core::Caller& caller,
                                                              NewProductImage& image) {
    auto look = [&](store::Tx& tx) { return product_with_room(tx, caller, image.id); };
    auto product = co_await store::read(database, look);
    if (!product) co_return std::unexpected(std::move(product.error()));
    auto picture = co_await pictures.take(*image.upload, image.content_type);
    if (!picture) co_return std::unexpected(std::move(picture.error()));
    image.picture = std::move(*picture);
    co_return core::Result<void>{};
}

core::Result<media::Image> add_product_image(store::Tx& tx, const core::Caller& caller,
                                             const NewProductImage& image) {
    auto product = product_with_room(tx, caller, image.id);
    if (!product) return std::unexpected(std::move(product.error()));
    const media::Picture& picture = image.picture;
    return media::add_image(tx, {*product, picture.files.original, picture.alt, picture.width, picture.height,
                                 picture.files, picture.dominant_color});
}

core::Result<media::Image> get_product_image(store::Tx& tx, const core::Caller& caller,
                                             const ImageAddress& address) {
    auto product = get_product(tx, caller, {address.id});
    if (!product) return std::unexpected(std::move(product.error()));
    auto image = std::ranges::find(product->images, address.image_id, &media::Image::id);
    if (image == product->images.end()) return core::not_found("picture");
    return std::move(*image);
}

core::Result<media::Image> change_product_image(store::Tx& tx, const core::Caller& caller,
                                                const ImagePatch& patch) {
    auto row = get_product_row(tx, caller, patch.id);
    if (!row) return std::unexpected(std::move(row.error()));
    if (patch.position.given && !patch.position.value)
        return core::fail_field("/position", "required", "can't be null");
    media::ImageChange change{row->id, patch.image_id, {}, {}};
    if (patch.alt.given) change.alt = patch.alt.value ? patch.alt.value->str() : "";
    if (patch.position.given) change.position = *patch.position.value;
    return media::change_image(tx, change);
}

core::Result<void> delete_product_image(store::Tx& tx, const core::Caller& caller,
                                        const ImageAddress& address) {
    auto row = get_product_row(tx, caller, address.id);
    if (!row) return std::unexpected(std::move(row.error()));
    return media::delete_image(tx, row->id, address.image_id);
}

}  // namespace catalog
