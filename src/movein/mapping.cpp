#include "movein/mapping.hpp"

#include "core/json_read.hpp"

#include <fstream>
#include <sstream>

namespace movein {
namespace {

using Guess = Names::Guess;

constexpr std::uintmax_t file_bytes_max = 1 << 20;  // a mapping has some dozen lines

constexpr Guess of_collections[] = {
    {"users", "users customers accounts"},
    {"categories", "categories productcategories"},
    {"products", "products"},
    {"carts", "carts baskets"},
    {"orders", "orders"},
};

constexpr Guess of_users[] = {
    {"email", "email emailAddress local.email"},
    {"password_hash",
     "password_hash passwordHash password hash hashedPassword hashed_password local.password"},
    {"name", "name fullName fullname full_name displayName profile.name"},
    {"first_name", "firstName firstname first_name name.first profile.firstName"},
    {"last_name", "lastName lastname last_name name.last profile.lastName"},
    {"username", "username userName"},
    {"phone", "phone phoneNumber phone_number mobile mobileNumber contactNumber"},
    {"email_verified", "email_verified emailVerified isEmailVerified isVerified verified"},
    {"blocked", "isBlocked blocked isBanned banned isDeleted deleted disabled"},
    {"created_at", "createdAt created_at dateCreated created joinedAt"},
    {"cart", "cart cartItems cart.items cartData"},
};

constexpr Guess of_categories[] = {
    {"name", "name title label categoryName"},
    {"parent", "parent parentId parent_id parentCategory parentCategoryId"},
};

constexpr Guess of_products[] = {
    {"title", "title name productName product_name"},
    {"slug", "slug handle"},
    {"description", "description desc body details longDescription shortDescription"},
    {"brand", "brand.name brand manufacturer vendor"},
    {"category", "category categories categoryId category_id categoryIds productCategory"},
    {"price", "price price.amount price.value regularPrice basePrice unitPrice sellingPrice"},
    {"sale_price", "salePrice sale_price discountPrice discountedPrice offerPrice priceAfterDiscount"},
    {"compare_at_price", "compareAtPrice compare_at_price originalPrice oldPrice listPrice mrp"},
    {"currency", "currency price.currency currencyCode"},
    {"stock",
     "countInStock stock stock.quantity inventory inventory.quantity quantity stockQuantity qty "
     "quantityInStock availableStock"},
    {"sku", "sku SKU productCode articleNumber code"},
    {"weight", "weight weight.value shippingWeight"},
    {"attributes", "attributes specifications specs properties features"},
    {"tags", "tags keywords"},
    {"images", "images image imageUrl imageUrls image_url photos photo pictures thumbnail gallery"},
    {"variants", "variants variations skus options.variants"},
    {"sizes", "sizes size availableSizes"},
    {"colors", "colors color colours colour availableColors"},
    {"status", "status state"},
    {"active", "isActive active isPublished published enabled isVisible visible"},
    {"archived", "isArchived archived isDeleted deleted discontinued"},
};

constexpr Guess of_variants[] = {
    {"sku", "sku SKU code"},
    {"title", "title name label value"},
    {"options", "options attributes optionValues selectedOptions"},
    {"price", "price price.amount regularPrice"},
    {"sale_price", "salePrice sale_price discountPrice"},
    {"compare_at_price", "compareAtPrice compare_at_price originalPrice oldPrice mrp"},
    {"stock", "countInStock stock inventory quantity stockQuantity qty"},
    {"weight", "weight"},
};

constexpr Guess of_carts[] = {
    {"user", "user userId user_id customer customerId owner orderBy"},
    {"lines", "items cartItems lines products lineItems"},
    {"ordered", "ordered isOrdered checkedOut isCheckedOut completed"},
};

constexpr Guess of_cart_lines[] = {
    {"product", "product productId product_id item itemId"},
    {"variant", "variant variantId variant_id"},
    {"quantity", "quantity qty count amount"},
    {"sku", "sku"},
};

constexpr Guess of_orders[] = {
    {"user", "user userId user_id customer customerId buyer owner orderBy"},
    {"email", "email customerEmail user.email customer.email shippingAddress.email contact.email"},
    {"number", "orderNumber order_number number orderNo orderId invoiceNumber reference"},
    {"lines", "orderItems items lines products lineItems cartItems cart cart.items"},
    {"currency", "currency currencyCode totalPrice.currency"},
    {"total", "totalPrice total grandTotal totalAmount total_price amount totalCost"},
    {"shipping_total",
     "shippingPrice shippingCost shippingTotal shippingFee deliveryFee deliveryCharge shipping"},
    {"tax_total", "taxPrice tax taxAmount taxTotal vat"},
    {"discount_total", "discount discountAmount discountTotal couponDiscount totalDiscount"},
    {"status", "status orderStatus order_status deliveryStatus state"},
    {"payment_status", "paymentStatus payment_status paymentResult.status payment.status"},
    {"is_paid", "isPaid paid"},
    {"is_shipped", "isShipped shipped"},
    {"is_delivered", "isDelivered delivered"},
    {"is_cancelled", "isCancelled isCanceled cancelled canceled"},
    {"paid_at", "paidAt paid_at paymentDate"},
    {"shipped_at", "shippedAt shipped_at dispatchedAt"},
    {"delivered_at", "deliveredAt delivered_at deliveryDate"},
    {"cancelled_at", "cancelledAt canceledAt cancelled_at"},
    {"created_at", "createdAt created_at orderDate date placedAt"},
    {"shipping_address", "shippingAddress shipping_address shippingInfo deliveryAddress shipping address"},
    {"billing_address", "billingAddress billing_address billing"},
    {"carrier", "carrier courier shippingCarrier tracking.carrier"},
    {"tracking_number", "trackingNumber tracking_number trackingId tracking.number"},
    {"note", "note notes orderNotes comment customerNote"},
};

constexpr Guess of_order_lines[] = {
    {"product", "product productId product_id item itemId"},
    {"variant", "variant variantId variant_id"},
    {"title", "name title productName product.name product.title item.name item.title"},
    {"sku", "sku product.sku"},
    {"quantity", "qty quantity count units"},
    {"price", "price unitPrice unit_price price.amount salePrice product.price item.price"},
    {"size", "size selectedSize"},
    {"color", "color colour selectedColor"},
};

constexpr Guess of_addresses[] = {
    {"name", "name fullName full_name recipient recipientName"},
    {"first_name", "firstName first_name"},
    {"last_name", "lastName last_name"},
    {"company", "company companyName organization"},
    {"line1", "line1 address street address1 addressLine1 address_line1 addressLine street1 streetAddress"},
    {"line2", "line2 address2 addressLine2 address_line2 street2 apartment apt"},
    {"city", "city town suburb"},
    {"region", "region state province county"},
    {"postal_code", "postalCode postal_code zip zipCode zipcode zip_code postcode pinCode pincode"},
    {"country", "countryCode country country_code"},
    {"phone", "phone phoneNo phoneNumber mobile"},
};

std::vector<std::string> words_in(std::string_view text) {
    std::vector<std::string> words;
    std::istringstream in{std::string(text)};
    for (std::string word; in >> word;)
        words.push_back(std::move(word));
    return words;
}

Paths said_of(const std::map<std::string, std::optional<Path>>& collections) {
    Paths said;
    for (const auto& [member, name] : collections)
        said.emplace(member, name.value_or(Path()));
    return said;
}

}  // namespace

Names::Names(std::string_view section, std::span<const Guess> guesses, const Paths& said) {
    std::string members;
    for (const Guess& guess : guesses) {
        paths_.emplace(guess.member, words_in(guess.paths));
        members += (members.empty() ? "" : ", ") + std::string(guess.member);
    }
    for (const auto& [member, path] : said) {
        const auto known = paths_.find(member);
        if (known == paths_.end()) {
            const std::string name = std::string(section).append(".").append(member);
            throw std::runtime_error("the mapping names " + name +
                                     ", which is nothing that is taken. There are: " + members);
        }
        known->second.clear();
        if (!path.text().empty()) known->second.push_back(path.str());
    }
}

const std::vector<std::string>& Names::of(std::string_view member) const {
    return paths_.find(member)->second;
}

Vocabulary::Vocabulary(const Mapping& mapping)
    : collections("collections", of_collections, said_of(mapping.collections)),
      users("users", of_users, mapping.users),
      categories("categories", of_categories, mapping.categories),
      products("products", of_products, mapping.products),
      variants("variants", of_variants, mapping.variants),
      carts("carts", of_carts, mapping.carts),
      cart_lines("cart_lines", of_cart_lines, mapping.cart_lines),
      orders("orders", of_orders, mapping.orders),
      order_lines("order_lines", of_order_lines, mapping.order_lines),
      addresses("addresses", of_addresses, mapping.addresses) {}

Mapping read_mapping(const std::filesystem::path& file) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(file, missing);
    if (missing) throw std::runtime_error("can't read " + file.string() + ": " + missing.message());
    if (size > file_bytes_max)
        throw std::runtime_error(file.string() + " is larger than 1 MB: that is no mapping");
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto mapping = core::from_json<Mapping>(text);
    if (!mapping) throw std::runtime_error(file.string() + ": " + mapping.error().detail);
    return std::move(*mapping);
}

}  // namespace movein
