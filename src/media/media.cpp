#include "media/media.hpp"

#include "media/queries.hpp"

#include <algorithm>

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
    image.dominant_color = std::move(row.dominant_color);
    auto url = [&](const std::optional<std::string>& file) { return url_of(file.value_or(row.file)); };
    image.urls = {url(row.thumb), url(row.small), url(row.medium), url(row.large), url_of(row.file)};
    return image;
}

std::vector<queries::ImageRow> list_locked(store::Tx& tx, core::ProductId product) {
    queries::lock_images(tx, product);
    return queries::list_images(tx, {product.str()});
}

// Gives those from 0 on the place they stand at.
void write_positions(store::Tx& tx, std::vector<queries::ImageRow>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].position = static_cast<std::int64_t>(i);
        queries::update_image(tx, rows[i]);
    }
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
    if (const auto& files = image.renditions) {
        row.thumb = files->thumb;
        row.small = files->small;
        row.medium = files->medium;
        row.large = files->large;
    }
    row.dominant_color = image.dominant_color;
    row.position = queries::insert_image(tx, row);
    tx.append_event("media.added", image.product_id.str());
    return image_of(std::move(row));
}

core::Result<Image> change_image(store::Tx& tx, const ImageChange& change) {
    auto rows = list_locked(tx, change.product_id);
    auto row = std::ranges::find(rows, change.id, &queries::ImageRow::id);
    if (row == rows.end()) return core::not_found("picture");
    if (change.alt) row->alt = *change.alt;
    if (change.position) {
        const auto last = static_cast<std::int64_t>(rows.size()) - 1;
        const auto target = rows.begin() + std::clamp<std::int64_t>(*change.position, 0, last);
        if (row < target) std::rotate(row, row + 1, target + 1);
        if (row > target) std::rotate(target, row, row + 1);
    }
    write_positions(tx, rows);
    tx.append_event("media.changed", change.product_id.str());
    return image_of(*std::ranges::find(rows, change.id, &queries::ImageRow::id));
}

core::Result<void> delete_image(store::Tx& tx, core::ProductId product, core::ImageId image) {
    if (!queries::delete_image(tx, product, image)) return core::not_found("picture");
    auto rest = list_locked(tx, product);
    write_positions(tx, rest);
    tx.append_event("media.deleted", product.str());
    return {};
}

std::int64_t count_images(store::Tx& tx, core::ProductId product) {
    return tx.get<std::int64_t>("select count(*) from images where product_id = $1", product);
}

std::vector<std::string> list_files_in_use(store::Tx& tx) {
    return tx.list<std::string>("select distinct file from image_files order by file");
}

bool has_image(store::Tx& tx, core::ProductId product, const std::string& file) {
    return queries::has_image(tx, product, file);
}

std::optional<NewImage> find_same_image(store::Tx& tx, core::ProductId product, const std::string& file) {
    auto row = queries::find_image_of_file(tx, file);
    if (!row) return {};
    NewImage image{product, row->file, row->alt, row->width, row->height};
    if (row->thumb) {
        auto name = [&](const std::optional<std::string>& rendition) {
            return rendition.value_or(row->file);
        };
        image.renditions = {name(row->thumb), name(row->small), name(row->medium), name(row->large),
                            row->file};
    }
    image.dominant_color = row->dominant_color;
    return image;
}

std::vector<std::string> list_used_files(store::Tx& tx, const std::vector<std::string>& files) {
    return tx.list<std::string>("select distinct file from image_files where file = any($1)", files);
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
        urls.emplace(row.product_id, url_of(row.small.value_or(row.file)));
    return urls;
}

}  // namespace media
