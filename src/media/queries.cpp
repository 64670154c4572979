#include "media/queries.hpp"

namespace media::queries {

std::vector<ImageRow> list_images(store::Tx& tx, const std::vector<std::string>& product_ids) {
    return tx.list<ImageRow>(
        "select id, product_id, alt, position, width, height, file from images where product_id = any($1) "
        "order by product_id, position, id",
        product_ids);
}

std::int64_t insert_image(store::Tx& tx, const ImageRow& image) {
    return tx.get<std::int64_t>(
        "insert into images (id, product_id, alt, position, width, height, file) "
        "values ($1, $2, $3, (select coalesce(max(i.position) + 1, 0) from images i where i.product_id = "
        "$2), $4, $5, $6) "
        "returning position",
        image.id, image.product_id, image.alt, image.width, image.height, image.file);
}

}  // namespace media::queries
