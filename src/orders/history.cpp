#include "orders/history.hpp"

#include "orders/queries.hpp"

namespace orders {
namespace {

using core::ErrorCode;

constexpr std::string_view last_entry = "imported";
constexpr std::string_view actor = "import";

std::int64_t amount_of(const std::optional<core::Price>& price) {
    return price ? price->amount.value : 0;
}

core::Result<core::Currency> currency_of(const PastOrder& past) {
    if (past.lines.empty()) return core::fail_field("/lines", "required", "must have a line at least");
    const core::Currency currency = past.lines.front().unit_price.currency;
    const auto differs = [&](const std::optional<core::Price>& price) {
        return price && price->currency != currency;
    };
    bool mixed = differs(past.discount_total) || differs(past.shipping_total) || differs(past.tax_total) ||
                 differs(past.total);
    for (const PastOrderLine& line : past.lines)
        mixed = mixed || differs(line.unit_price);
    if (mixed) return core::fail(ErrorCode::currency_mismatch, "The order names more than one currency.");
    return currency;
}

struct Sums {
    std::int64_t subtotal = 0;
    std::int64_t discount = 0;
    std::int64_t shipping = 0;
    std::int64_t tax = 0;
    std::int64_t total = 0;
    bool prices_include_tax = false;
    bool adjusted = false;
};

Sums sums_of(const PastOrder& past, std::int64_t subtotal) {
    Sums sums{.subtotal = subtotal,
              .discount = amount_of(past.discount_total),
              .shipping = amount_of(past.shipping_total),
              .tax = amount_of(past.tax_total)};
    const std::int64_t before_tax = sums.subtotal - sums.discount + sums.shipping;
    sums.total = past.total ? amount_of(past.total) : std::max<std::int64_t>(0, before_tax + sums.tax);
    if (sums.total != before_tax + sums.tax) {
        const std::int64_t gap = sums.total - before_tax;
        sums.prices_include_tax = true;
        sums.adjusted = gap != 0;
        (gap > 0 ? sums.shipping : sums.discount) += std::abs(gap);
    }
    // A discount is on goods; one on shipping is less shipping.
    if (sums.discount > sums.subtotal) {
        sums.shipping -= sums.discount - sums.subtotal;
        sums.discount = sums.subtotal;
    }
    return sums;
}

bool has_left(OrderStatus status) {
    return status == OrderStatus::shipped || status == OrderStatus::delivered;
}

void add_lines(Order& order, const PastOrder& past, const core::Currency& currency) {
    for (const PastOrderLine& line : past.lines) {
        OrderLine& added = order.lines.emplace_back();
        added.id = core::OrderLineId::at(past.created_at);
        added.variant_id = line.variant_id.value_or(core::VariantId::at(past.created_at));
        added.product_id = line.product_id.value_or(core::ProductId::at(past.created_at));
        if (line.sku) added.sku = line.sku->str();
        added.title = line.title.str();
        for (const auto& [name, value] : line.options)
            added.options.emplace(name, value.str());
        added.quantity = line.quantity;
        added.shipped = has_left(past.status) ? line.quantity.value : 0;
        added.unit_price = {line.unit_price.amount.value, currency};
        added.total = {cart::times(line.unit_price.amount, line.quantity), currency};
    }
}

void add_sums(Order& order, const Sums& sums, const core::Currency& currency) {
    std::vector<std::int64_t> weights;
    weights.reserve(order.lines.size());
    for (const OrderLine& line : order.lines)
        weights.push_back(line.total.amount);
    const auto discounts = pricing::divided(sums.discount, weights);
    const auto taxes = pricing::divided(sums.tax, weights);
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        order.lines[i].discount = {discounts[i], currency};
        order.lines[i].tax = {taxes[i], currency};
    }
    order.subtotal = {sums.subtotal, currency};
    order.discount_total = {sums.discount, currency};
    order.shipping_total = {sums.shipping, currency};
    order.tax_total = {sums.tax, currency};
    order.total = {sums.total, currency};
    order.prices_include_tax = sums.prices_include_tax;
}

void add_timeline(Order& order, const PastOrder& past, core::Time now) {
    order.timeline.push_back({past.created_at, "placed", std::string(actor), {}});
    // Cash on delivery is paid behind the rest.
    auto add = [&](const std::optional<core::Time>& at, const char* type) {
        if (!at) return;
        const auto place = std::ranges::upper_bound(order.timeline.begin() + 1, order.timeline.end(), *at, {},
                                                    &TimelineEntry::at);
        order.timeline.insert(place, {*at, type, std::string(actor), {}});
    };
    add(past.paid_at, "paid");
    add(past.shipped_at, "shipped");
    add(past.delivered_at, "delivered");
    add(past.cancelled_at, "cancelled");
    std::optional<std::string> note;
    if (past.former_number) note = "Order " + past.former_number->str() + " of the former shop";
    order.timeline.push_back({now, std::string(last_entry), std::string(actor), std::move(note)});
}

void add_parcel(Order& order, const PastOrder& past) {
    if (!has_left(past.status) || (!past.carrier && !past.tracking_number)) return;
    Shipment& parcel = order.shipments.emplace_back();
    parcel.shipped_at = past.shipped_at.value_or(past.delivered_at.value_or(past.created_at));
    parcel.id = core::ShipmentId::at(parcel.shipped_at);
    if (past.carrier) parcel.carrier = past.carrier->str();
    if (past.tracking_number) parcel.tracking_number = past.tracking_number->str();
    if (past.status == OrderStatus::delivered)
        parcel.delivered_at = past.delivered_at.value_or(parcel.shipped_at);
    for (const OrderLine& line : order.lines)
        parcel.lines.push_back({line.id, line.quantity});
}

struct Told {
    Order order;
    bool sums_adjusted = false;
};

// The order as this shop tells it.
core::Result<Told> told(const PastOrder& past, core::OrderId id, core::Time now) {
    auto currency = currency_of(past);
    if (!currency) return std::unexpected(std::move(currency.error()));
    Order order;
    order.id = id;
    order.imported = true;
    order.status = past.status;
    order.payment_status = past.payment_status;
    if (past.email) order.email = past.email->str();
    order.user_id = past.user_id;
    add_lines(order, past, *currency);
    std::int64_t subtotal = 0;
    for (const OrderLine& line : order.lines)
        subtotal = cart::plus(subtotal, line.total.amount);
    if (subtotal == core::amount_max)
        return core::fail_field("/lines", "out_of_range", "add up to more than all measure");
    const Sums sums = sums_of(past, subtotal);
    add_sums(order, sums, *currency);
    order.shipping_address = past.shipping_address;
    order.billing_address = past.billing_address.value_or(past.shipping_address);
    if (past.note) order.note = past.note->str();
    order.created_at = past.created_at;
    order.updated_at = now;
    add_timeline(order, past, now);
    add_parcel(order, past);
    return Told{std::move(order), sums.adjusted};
}

// What stands in tables of its own.
void insert_past(store::Tx& tx, Order order) {
    const std::vector<TimelineEntry> entries = std::exchange(order.timeline, {});
    for (const TimelineEntry& entry : entries) {
        order.timeline.push_back(entry);
        if (order.timeline.size() > 1) insert_last_of_timeline(tx, order);
    }
    for (const Shipment& parcel : order.shipments)
        insert_shipment(tx, order.id, parcel);
}

std::string email_key_of(const PastOrder& past) {
    return past.email ? past.email->key() : std::string();
}

}  // namespace

core::Result<BroughtOrder> bring_order(store::Tx& tx, const PastOrder& past) {
    auto made = told(past, core::OrderId::at(past.created_at), tx.now());
    if (!made) return std::unexpected(std::move(made.error()));
    insert_order(tx, made->order, email_key_of(past), past.billing_address.has_value(), {});
    insert_past(tx, made->order);
    return BroughtOrder{made->order.id, made->sums_adjusted};
}

core::Result<bool> bring_order_again(store::Tx& tx, core::OrderId id, const PastOrder& past) {
    if (!lock_status(tx, id)) return false;
    const Order before = find_order(tx, id).value();
    const bool untouched =
        before.imported && before.timeline.back().type == last_entry && before.email != erased_email;
    if (!untouched) return false;
    auto made = told(past, id, tx.now());
    if (!made) return std::unexpected(std::move(made.error()));
    replace_order(tx, made->order, email_key_of(past), past.billing_address.has_value());
    insert_past(tx, made->order);
    return true;
}

}  // namespace orders
