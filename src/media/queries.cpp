#include "media/queries.hpp"

namespace media::queries {

std::vector<ImageRow> list_images(store::Tx& tx, const std::vector<std::string>& product_ids) {
    return tx.list<ImageRow>(
        "select id, product_id, alt, position, width, height, file, thumb, small, medium, large, "
        "dominant_color "
        "from images where product_id = any($1) "
        "order by product_id, position, id",
        product_ids);
}

std::int64_t insert_image(store::Tx& tx, const ImageRow& image) {
    const auto position = tx.get<std::int64_t>(
        "insert into images (id, product_id, alt, position, width, height, file, thumb, small, medium, "
        "large, "
        "dominant_color) values ($1, $2, $3, (select coalesce(max(i.position) + 1, 0) from images i "
        "where i.product_id = $2), $4, $5, $6, $7, $8, $9, $10, $11) returning position",
        image.id, image.product_id, image.alt, image.width, image.height, image.file, image.thumb,
        image.small, image.medium, image.large, image.dominant_color);
    for (const auto& file :
         {std::optional(image.file), image.thumb, image.small, image.medium, image.large}) {
        if (file) {
            tx.run("insert into image_files (file, image_id) values ($1, $2) on conflict do nothing", *file,
                   image.id);
        }
    }
    return position;
}

void lock_images(store::Tx& tx, core::ProductId product) {
    tx.run("update images set position = position where product_id = $1", product);
}

void update_image(store::Tx& tx, const ImageRow& image) {
    tx.run("update images set alt = $2, position = $3 where id = $1", image.id, image.alt, image.position);
}

bool has_image(store::Tx& tx, core::ProductId product, const std::string& file) {
    return tx.find<core::ImageId>("select id from images where product_id = $1 and file = $2", product, file)
        .has_value();
}

std::optional<ImageRow> find_image_of_file(store::Tx& tx, const std::string& file) {
    return tx.find<ImageRow>(
        "select i.id, i.product_id, i.alt, i.position, i.width, i.height, i.file, i.thumb, i.small, "
        "i.medium, "
        "i.large, i.dominant_color from image_files f join images i on i.id = f.image_id "
        "where f.file = $1 and i.file = $1 order by i.id limit 1",
        file);
}

bool delete_image(store::Tx& tx, core::ProductId product, core::ImageId image) {
    return tx.count_changed("delete from images where id = $1 and product_id = $2", image, product) == 1;
}

}  // namespace media::queries
