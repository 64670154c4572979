#include "demo/demo.hpp"

#include "core/or_throw.hpp"
#include "demo/source.hpp"
#include "payments/payments.hpp"

#include <future>

namespace demo {
namespace {

// Orders are made of the first of these that the shop has.
constexpr const char* ordered_slugs[] = {"drip-coffee-maker", "electric-kettle-1-7l", "laptop", "tent",
                                         "orchid"};

core::Caller caller_of(core::UserId user, core::Role role) {
    core::Caller caller;
    caller.user = user;
    caller.role = role;
    caller.permissions = core::permissions_of(role);
    return caller;
}

bool has(store::Tx& tx, const SourceProduct& product) {
    return catalog::find_product_id(tx, product.slug->text()) ||
           catalog::has_sku(tx, product.variants.front().sku.text());
}

template <class T>
core::Result<T> at_line(core::Result<T> result, const SourceLine& line) {
    if (!result) result.error().detail = line.place + ": " + described(result.error());
    return result;
}

core::Result<void> add_product(store::Tx& tx, const core::Caller& staff, const SourceLine& line,
                               const std::vector<std::string>& files) {
    catalog::NewProduct product = line.product;
    for (const auto& path : line.product.categories) {
        auto category = at_line(catalog::ensure_category(tx, staff, names_of(path.text())), line);
        if (!category) return std::unexpected(std::move(category.error()));
        product.category_ids.push_back(*category);
    }
    auto made = at_line(catalog::create_product(tx, staff, product), line);
    if (!made) return std::unexpected(std::move(made.error()));
    for (std::size_t i = 0; i < files.size(); ++i) {
        const SourceImage& image = line.product.images[i];
        media::add_image(tx, {made->id, files[i], image.alt.str(), image.width, image.height});
    }
    return {};
}

// Pictures go to disk before the transaction that names them: by line, the names they got. Several at a time,
// as each waits for the disk.
std::vector<std::vector<std::string>> keep_files(const std::vector<const SourceLine*>& lines,
                                                 const media::Folder& folder,
                                                 const std::filesystem::path& demo_folder) {
    constexpr int writers = 8;
    std::vector<std::vector<std::string>> files(lines.size());
    std::atomic<std::size_t> next = 0;
    auto keep_some = [&] {
        for (std::size_t i = next++; i < lines.size(); i = next++) {
            for (const SourceImage& image : lines[i]->product.images)
                files[i].push_back(keep_file(*lines[i], image, folder, demo_folder));
        }
    };
    std::vector<std::future<void>> running;
    for (int i = 0; i < writers; ++i)
        running.push_back(std::async(std::launch::async, keep_some));
    for (auto& writer : running)
        writer.get();
    return files;
}

users::PostalAddress address_of_customer() {
    users::PostalAddress address;
    address.name = core::Text<1, 200>::trusted(std::string(customer.name));
    address.line1 = core::Text<1, 200>::trusted("742 Evergreen Terrace");
    address.city = core::Text<1, 100>::trusted("Springfield");
    address.region = core::Text<0, 100>::trusted("IL");
    address.postal_code = core::Text<1, 20>::trusted("62704");
    address.country = core::CountryCode::trusted("US");
    address.phone = core::Text<0, 40>::trusted("555-0142");
    return address;
}

core::Result<void> place_orders(store::Tx& tx, const core::Caller& buyer, const core::Caller& staff) {
    std::vector<core::VariantId> variants;
    for (const char* slug : ordered_slugs) {
        auto product = catalog::get_product(tx, buyer, {*catalog::ProductReference::from_text(slug)});
        if (product) variants.push_back(product->variants.front().id);
    }
    if (variants.size() < 2) return {};
    auto mark_paid = [](store::Tx& paying, const core::Caller& who, core::OrderId order) {
        return payments::mark_paid(paying, who,
                                   {.id = order, .method = payments::ManualMethod::bank_transfer});
    };
    return orders::place_demo_orders(tx, buyer, staff, address_of_customer(), variants, mark_paid);
}

}  // namespace

Loaded load(store::Database& database, const EnsureAccount& ensure_account, const media::Folder& media_folder,
            const std::filesystem::path& demo_folder) {
    const auto buyer = caller_of(ensure_account(customer), customer.role);
    const auto staff = caller_of(ensure_account(admin), admin.role);
    const auto lines = read_products(demo_folder / "products.ndjson");

    auto missing = core::or_throw(store::read_now(database, [&](store::Tx& tx) {
        std::vector<const SourceLine*> missing_lines;
        for (const SourceLine& line : lines) {
            if (!has(tx, line.product)) missing_lines.push_back(&line);
        }
        return missing_lines;
    }));

    const auto files = keep_files(missing, media_folder, demo_folder);
    Loaded loaded{missing.size(), 0, 0};
    for (const SourceLine* line : missing) {
        loaded.variants += line->product.variants.size();
        loaded.images += line->product.images.size();
    }
    auto add_all = [&](store::Tx& tx) -> core::Result<void> {
        for (std::size_t i = 0; i < files.size(); ++i) {
            auto added = add_product(tx, staff, *missing[i], files[i]);
            if (!added) return added;
        }
        return {};
    };
    core::or_throw(store::write_now(database, add_all), demo_folder.string());
    core::or_throw(store::write_now(database, [&](store::Tx& tx) { return place_orders(tx, buyer, staff); }),
                   demo_folder.string());
    return loaded;
}

}  // namespace demo
