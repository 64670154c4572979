#include "media/media.hpp"

#include "media/queries.hpp"

namespace media {
namespace {

std::string url_of(const std::string& file) {
    return "/media/" + file;
}

Image image_of(queries::ImageRow row) {
    Image image;
    image.id = row.id;
    image.alt = std::move(row.alt);
    image.position = row.position;
    image.width = row.width;
    image.height = row.height;
    // A picture as it came serves for every size.
    const std::string url = url_of(row.file);
    image.urls = {url, url, url, url, url};
    return image;
}

}  // namespace

Image add_image(store::Tx& tx, const NewImage& image) {
    if (!is_file_name(image.file))
        throw std::logic_error("not a name that Folder::keep() gave: " + image.file);
    queries::ImageRow row;
    row.id = core::ImageId::at(tx.now());
    row.product_id = image.product_id;
    row.alt = image.alt;
    row.width = image.width;
    row.height = image.height;
    row.file = image.file;
    row.position = queries::insert_image(tx, row);
    tx.append_event("media.added", image.product_id.str());
    return image_of(std::move(row));
}

std::map<core::ProductId, std::vector<Image>> list_images(store::Tx& tx,
                                                          const std::vector<std::string>& product_ids) {
    std::map<core::ProductId, std::vector<Image>> images;
    for (queries::ImageRow& row : queries::list_images(tx, product_ids)) {
        images[row.product_id].push_back(image_of(std::move(row)));
    }
    return images;
}

std::optional<std::string> find_first_url(store::Tx& tx, core::ProductId product) {
    auto urls = list_first_urls(tx, {product.str()});
    if (urls.empty()) return {};
    return std::move(urls.begin()->second);
}

std::map<core::ProductId, std::string> list_first_urls(store::Tx& tx,
                                                       const std::vector<std::string>& product_ids) {
    std::map<core::ProductId, std::string> urls;
    for (const queries::ImageRow& row : queries::list_images(tx, product_ids))
        urls.emplace(row.product_id, url_of(row.file));
    return urls;
}

}  // namespace media
