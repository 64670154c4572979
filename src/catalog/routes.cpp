#include "catalog/routes.hpp"

#include "catalog/catalog.hpp"
#include "catalog/images.hpp"
#include "catalog/stock.hpp"

namespace catalog {
namespace {

constexpr http::Access staff = http::needs(core::Permission::catalog_write);

// Rules that answer nothing, as endpoints.
template <class In>
using Removal = core::Result<void> (*)(store::Tx&, const core::Caller&, const In&);

template <class In, Removal<In> remove>
core::Result<http::Nothing> done(store::Tx& tx, const core::Caller& caller, const In& input) {
    auto result = remove(tx, caller, input);
    if (!result) return std::unexpected(std::move(result.error()));
    return http::Nothing{};
}

// What an answer shows is announced under the product's id; lists show any product, so any change concerns
// them.
std::string product_subject(const Product& product) {
    return product.id.str();
}
template <class Answer>
std::string catalog_subject(const Answer&) {
    return "catalog";
}

void add_products(http::Api& api) {
    api.get("/v1/products/{id}", http::everyone, "Read a product by its id or slug")
        .reads(get_product)
        .kept_until<Product>(product_subject);
    api.post("/v1/products", staff, "Add a product with its variants").answers(201).writes(create_product);
    api.patch("/v1/products/{id}", staff, "Change a product. Lists and maps are replaced as a whole")
        .writes(change_product)
        .guarded_by(get_product);
    api.del("/v1/products/{id}", staff, "Delete a product; one that was ordered is archived instead")
        .writes(done<ProductAddress, delete_product>)
        .guarded_by(get_product);
}

void add_variants(http::Api& api) {
    api.post("/v1/products/{id}/variants", staff, "Add a variant to a product")
        .answers(201)
        .writes(add_variant);
    api.get("/v1/products/{id}/variants/{variant_id}", http::everyone, "Read a variant of a product")
        .reads(get_product_variant);
    api.patch("/v1/products/{id}/variants/{variant_id}", staff, "Change a variant")
        .writes(change_variant)
        .guarded_by(get_product_variant);
    api.del("/v1/products/{id}/variants/{variant_id}", staff, "Delete a variant that was never ordered")
        .writes(done<VariantAddress, delete_variant>)
        .guarded_by(get_product_variant);
    api.get("/v1/variants/{id}", staff, "Read a variant with its stock").reads(get_variant);
    api.post("/v1/variants/{id}/stock", staff,
             "Change what is on hand: either `adjust` by a number or `set` it")
        .answers(201)
        .writes(change_stock);
    api.get("/v1/variants/{id}/stock", staff, "List the changes of a variant's stock, newest first")
        .reads(list_stock_entries);
}

// A form has a head and a few words beside the picture.
constexpr std::uint64_t form_bytes_max = media::picture_bytes_max + 64 * 1024;

void add_images(http::Api& api, store::Database& database, media::Pictures& pictures) {
    api.post("/v1/products/{id}/images", staff,
             "Add a picture (JPEG, PNG, WebP, GIF or AVIF, 15 MB, 50 megapixels). It is turned upright, "
             "stripped "
             "of metadata and kept as WebP in several sizes")
        .answers(201)
        .takes({"multipart/form-data"}, form_bytes_max)
        .writes(add_product_image)
        .prepared_by<NewProductImage>(
            [&database, &pictures](const core::Caller& caller, NewProductImage& image) {
                return take_product_image(database, pictures, caller, image);
            });
    api.get("/v1/products/{id}/images/{image_id}", http::everyone, "Read about a picture of a product")
        .reads(get_product_image);
    api.patch("/v1/products/{id}/images/{image_id}", staff, "Describe a picture or put it in another place")
        .writes(change_product_image)
        .guarded_by(get_product_image);
    api.del("/v1/products/{id}/images/{image_id}", staff, "Delete a picture")
        .writes(done<ImageAddress, delete_product_image>)
        .guarded_by(get_product_image);
}

void add_categories(http::Api& api) {
    api.get("/v1/categories", http::everyone, "Read the category tree")
        .reads(list_categories)
        .kept_until<core::List<Category>>(catalog_subject);
    api.get("/v1/categories/{id}", http::everyone,
            "Read a category by its id or slug, with what is below it. A slug it had before leads to the new "
            "one")
        .reads(get_category)
        .kept_until<Category>(catalog_subject)
        .may_move();
    api.post("/v1/categories", staff, "Add a category").answers(201).writes(create_category);
    api.patch("/v1/categories/{id}", staff, "Change or move a category; parent_id null moves it to the top")
        .writes(change_category)
        .guarded_by(get_category);
    api.del("/v1/categories/{id}", staff,
            "Delete an empty category, or one whose content goes to another by move_to")
        .writes(done<CategoryRemoval, delete_category>)
        .guarded_by(get_category);
}

}  // namespace

void add_routes(http::Api& api, store::Database& database, media::Pictures& pictures) {
    api.room("catalog");
    add_products(api);
    add_variants(api);
    add_images(api, database, pictures);
    add_categories(api);
}

}  // namespace catalog
