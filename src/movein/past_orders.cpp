// Orders and carts of the former shop.
#include "movein/translate.hpp"

#include <boost/json/array.hpp>

namespace movein {
namespace {

using orders::OrderStatus;
using orders::PaymentStatus;

template <class Status>
struct Word {
    std::string_view text;  // in small letters, without what isn't one
    Status status;
};

constexpr Word<OrderStatus> status_words[] = {
    {"pending", OrderStatus::pending},       {"new", OrderStatus::pending},
    {"created", OrderStatus::pending},       {"placed", OrderStatus::pending},
    {"notprocessed", OrderStatus::pending},  {"awaitingpayment", OrderStatus::pending},
    {"processing", OrderStatus::processing}, {"process", OrderStatus::processing},
    {"confirmed", OrderStatus::processing},  {"accepted", OrderStatus::processing},
    {"paid", OrderStatus::processing},       {"preparing", OrderStatus::processing},
    {"packed", OrderStatus::processing},     {"inprogress", OrderStatus::processing},
    {"shipped", OrderStatus::shipped},       {"dispatched", OrderStatus::shipped},
    {"sent", OrderStatus::shipped},          {"intransit", OrderStatus::shipped},
    {"ontheway", OrderStatus::shipped},      {"outfordelivery", OrderStatus::shipped},
    {"delivered", OrderStatus::delivered},   {"completed", OrderStatus::delivered},
    {"complete", OrderStatus::delivered},    {"fulfilled", OrderStatus::delivered},
    {"received", OrderStatus::delivered},    {"returned", OrderStatus::delivered},
    {"cancelled", OrderStatus::cancelled},   {"canceled", OrderStatus::cancelled},
    {"cancel", OrderStatus::cancelled},      {"failed", OrderStatus::cancelled},
    {"rejected", OrderStatus::cancelled},    {"declined", OrderStatus::cancelled},
    {"expired", OrderStatus::cancelled},     {"refunded", OrderStatus::cancelled},
};

constexpr Word<PaymentStatus> payment_words[] = {
    {"unpaid", PaymentStatus::unpaid},
    {"pending", PaymentStatus::unpaid},
    {"notpaid", PaymentStatus::unpaid},
    {"cod", PaymentStatus::unpaid},
    {"cashondelivery", PaymentStatus::unpaid},
    {"processing", PaymentStatus::unpaid},
    {"authorized", PaymentStatus::authorized},
    {"authorised", PaymentStatus::authorized},
    {"paid", PaymentStatus::paid},
    {"completed", PaymentStatus::paid},
    {"complete", PaymentStatus::paid},
    {"captured", PaymentStatus::paid},
    {"succeeded", PaymentStatus::paid},
    {"success", PaymentStatus::paid},
    {"partiallyrefunded", PaymentStatus::partially_refunded},
    {"refunded", PaymentStatus::refunded},
    {"failed", PaymentStatus::failed},
    {"voided", PaymentStatus::voided},
    {"cancelled", PaymentStatus::voided},
    {"canceled", PaymentStatus::voided},
};

std::string letters_of(std::string_view text) {
    std::string letters;
    for (char c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c >= 'a' && c <= 'z') letters += c;
    }
    return letters;
}

// What the owner says of a status, else what the word says. Empty, with an error, for a word of neither.
template <class Status>
std::optional<Status> status_in(const Fields& fields, std::string_view member,
                                const std::map<std::string, Status>& said,
                                std::span<const Word<Status>> words, std::string_view section) {
    const std::string text = fields.text(member);
    if (text.empty()) return {};
    if (auto found = said.find(text); found != said.end()) return found->second;
    const std::string letters = letters_of(text);
    const auto found = std::ranges::find(words, letters, &Word<Status>::text);
    if (found != words.end()) return found->status;
    fields.error("status_unknown", "The " + std::string(member) + " '" + text +
                                       "' is none that is known: say what it means in the mapping's " +
                                       std::string(section));
    return {};
}

OrderStatus status_of(const Fields& fields, const Mapping& mapping) {
    const auto said =
        status_in<OrderStatus>(fields, "status", mapping.order_statuses, status_words, "order_statuses");
    const auto is = [&](std::string_view flag, std::string_view time) {
        return fields.flag(flag).value_or(false) || fields.time(time).has_value();
    };
    // A flag may be set where the status was never moved on.
    const bool on_its_way_at_least =
        said && (*said == OrderStatus::shipped || *said == OrderStatus::delivered);
    if (said == OrderStatus::cancelled || is("is_cancelled", "cancelled_at")) return OrderStatus::cancelled;
    if (is("is_delivered", "delivered_at")) return OrderStatus::delivered;
    if (on_its_way_at_least) return *said;
    if (is("is_shipped", "shipped_at")) return OrderStatus::shipped;
    if (said) return *said;
    return is("is_paid", "paid_at") ? OrderStatus::processing : OrderStatus::pending;
}

PaymentStatus payment_status_of(const Fields& fields, const Mapping& mapping) {
    const auto said = status_in<PaymentStatus>(fields, "payment_status", mapping.payment_statuses,
                                               payment_words, "payment_statuses");
    if (said) return *said;
    if (letters_of(fields.text("status")) == "refunded") return PaymentStatus::refunded;
    const bool paid = fields.flag("is_paid").value_or(false) || fields.time("paid_at").has_value();
    return paid ? PaymentStatus::paid : PaymentStatus::unpaid;
}

void put_time(boost::json::object& into, const char* member, const std::optional<core::Time>& time) {
    if (time) into[member] = core::to_rfc3339(*time);
}

boost::json::object line_of(const Fields& line, const Pricing& pricing) {
    boost::json::object wanted;
    wanted["title"] = line.text("title");
    if (std::string sku = line.text("sku"); !sku.empty()) wanted["sku"] = sku;
    const auto quantity = line.units("quantity");
    if (!quantity) line.error("required", "a line has no quantity");
    wanted["quantity"] = quantity.value_or(1);
    const auto price = money(line, "price", pricing);
    if (!price) line.error("required", "a line has no price");
    wanted["unit_price"] = price.value_or(boost::json::object());
    boost::json::object options;
    if (std::string size = line.text("size"); !size.empty()) options["Size"] = size;
    if (std::string color = line.text("color"); !color.empty()) options["Color"] = color;
    if (!options.empty()) wanted["options"] = std::move(options);
    return wanted;
}

void add_lines(Translated& order, const Fields& fields, const Vocabulary& words, const Pricing& pricing) {
    boost::json::array lines;
    for (const boost::json::object* document : fields.documents("lines")) {
        const Fields line(*document, words.order_lines, order.remarks);
        lines.push_back(line_of(line, pricing));
        order.lines.push_back({line.id("product"), line.id("variant"), 0});
    }
    if (lines.empty()) fields.error("required", "the order has no lines");
    order.wanted["lines"] = std::move(lines);
}

void add_addresses(Translated& order, const Fields& fields, const Mapping& mapping, const Vocabulary& words) {
    const boost::json::object nothing;
    const auto* shipping = fields.object("shipping_address");
    if (!shipping) fields.note("address_missing", "There is no shipping address");
    auto address = translate_address(shipping ? *shipping : nothing, mapping, words.addresses,
                                     "The shipping address", order.remarks);
    if (address) order.wanted["shipping_address"] = std::move(*address);
    const auto* billing = fields.object("billing_address");
    if (!billing || billing->empty()) return;
    address = translate_address(*billing, mapping, words.addresses, "The billing address", order.remarks);
    if (address) order.wanted["billing_address"] = std::move(*address);
}

// `shipping` may be a price or an address, depending on the shop.
void add_sums(Translated& order, const Fields& fields, const Pricing& pricing) {
    for (const char* member : {"total", "shipping_total", "tax_total", "discount_total"}) {
        const auto* value = fields.any(member);
        if (!value || (value->is_object() && !number_in(*value))) continue;
        if (auto amount = money(fields, member, pricing)) order.wanted[member] = std::move(*amount);
    }
}

}  // namespace

Translated translate_order(const boost::json::object& document, const Mapping& mapping,
                           const Vocabulary& words, std::string_view old_id) {
    Translated order;
    const Fields fields(document, words.orders, order.remarks);
    const Pricing pricing = pricing_of(fields, mapping);
    order.user = fields.id("user");
    if (std::string email = fields.text("email"); !email.empty()) order.wanted["email"] = email;
    order.wanted["status"] = orders::text_of(status_of(fields, mapping));
    order.wanted["payment_status"] = orders::text_of(payment_status_of(fields, mapping));
    add_lines(order, fields, words, pricing);
    add_sums(order, fields, pricing);
    add_addresses(order, fields, mapping, words);
    const auto* note = fields.any("note");
    if (note && note->is_string() && !note->get_string().empty()) order.wanted["note"] = note->get_string();
    std::string number = fields.text("number");
    order.wanted["former_number"] = number.empty() ? std::string(old_id) : number;
    for (const char* member : {"carrier", "tracking_number"}) {
        if (std::string text = fields.text(member); !text.empty()) order.wanted[member] = text;
    }
    auto created = fields.time("created_at");
    if (!created) created = time_of_object_id(old_id);
    if (!created) fields.error("required", "the order has no date");
    put_time(order.wanted, "created_at", created);
    for (const char* member : {"paid_at", "shipped_at", "delivered_at", "cancelled_at"})
        put_time(order.wanted, member, fields.time(member));
    return order;
}

Translated translate_cart(const boost::json::object& document, const Vocabulary& words) {
    Translated cart;
    const Fields fields(document, words.carts, cart.remarks);
    const auto leave_out = [&](const char* code, const char* why) {
        fields.note(code, why);
        cart.left_out = true;
        return cart;
    };
    if (fields.flag("ordered").value_or(false)) return leave_out("ordered", "The cart was ordered");
    cart.user = fields.id("user");
    if (cart.user.empty())
        return leave_out("guests_cart", "A guest's cart: only the browser that has it knows whose it is");
    boost::json::array lines;
    for (const boost::json::object* document_of_line : fields.documents("lines")) {
        const Fields line(*document_of_line, words.cart_lines, cart.remarks);
        const auto quantity = line.units("quantity").value_or(1);
        if (quantity == 0) continue;
        const LineRefs& refs = cart.lines.emplace_back(line.id("product"), line.id("variant"), quantity);
        lines.push_back({refs.product, refs.variant, refs.quantity});
    }
    if (cart.lines.empty()) return leave_out("empty", "There is nothing in the cart");
    cart.wanted["lines"] = std::move(lines);
    return cart;
}

}  // namespace movein
