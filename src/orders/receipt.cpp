// The receipt: a page of its own, without scripts, pictures or links, that prints on one sheet.
#include "core/currency.hpp"
#include "core/html.hpp"
#include "orders/orders.hpp"

namespace orders {
namespace {

constexpr std::string_view style =
    "body{font:14px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#111}"
    "table{width:100%;border-collapse:collapse;margin:1.5rem 0}"
    "th,td{text-align:left;padding:.35rem .5rem .35rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
    ".n{text-align:right;white-space:nowrap}address{font-style:normal;white-space:pre-line}"
    "tfoot tr:last-child{font-weight:bold}@media print{body{margin:0}}";

std::string address_text(const users::PostalAddress& address) {
    std::string text = address.name.str();
    auto add = [&](std::string_view line) {
        if (!line.empty()) text.append("\n").append(line);
    };
    if (address.company) add(address.company->text());
    add(address.line1.text());
    if (address.line2) add(address.line2->text());
    add(address.postal_code.str() + " " + address.city.str());
    if (address.region) add(address.region->text());
    add(address.country.text());
    return core::html_escaped(text);
}

std::string row_of(const OrderLine& line) {
    std::string title = core::html_escaped(line.title);
    for (const auto& [name, value] : line.options)
        title += ", " + core::html_escaped(name) + ": " + core::html_escaped(value);
    return "<tr><td>" + title + "<br><small>" + core::html_escaped(line.sku) + "</small></td><td class=n>" +
           std::to_string(line.quantity) + "</td><td class=n>" + core::to_text(line.unit_price) +
           "</td><td class=n>" + core::to_text(line.total) + "</td></tr>\n";
}

std::string sum_row(std::string_view label, const core::Money& money) {
    return "<tr><td colspan=3>" + core::html_escaped(label) + "</td><td class=n>" + core::to_text(money) +
           "</td></tr>\n";
}

std::string sums_of(const Order& order) {
    std::string rows = sum_row("Goods", order.subtotal);
    if (order.discount_total.amount != 0) {
        std::string label = "Discount" + (order.discount_code ? " " + *order.discount_code : "");
        rows += sum_row(label, {-order.discount_total.amount.value, order.total.currency});
    }
    if (order.shipping_method || order.shipping_total.amount != 0)
        rows += sum_row("Shipping" + (order.shipping_method ? ", " + *order.shipping_method : ""),
                        order.shipping_total);
    if (order.tax_total.amount != 0)
        rows += sum_row(order.prices_include_tax ? "Tax, included" : "Tax", order.tax_total);
    return rows + sum_row("Total", order.total);
}

}  // namespace

std::string receipt_of(const Order& order, std::string_view shop_name) {
    std::string rows;
    for (const auto& line : order.lines)
        rows += row_of(line);
    const std::string shop = core::html_escaped(shop_name);
    const std::string day = core::to_rfc3339(order.created_at).substr(0, 10);
    return "<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>" + shop + ", order " +
           order.number + "</title><style>" + std::string(style) + "</style></head><body>\n<h1>" + shop +
           "</h1>\n<p>Order " + order.number + " of " + day + ", " + text_of(order.status) + ", " +
           text_of(order.payment_status) + "</p>\n<table><tr><td><b>Bill to</b><address>" +
           address_text(order.billing_address) + "</address></td><td><b>Ship to</b><address>" +
           address_text(order.shipping_address) +
           "</address></td></tr></table>\n<table><thead><tr><th>Item</th><th class=n>Quantity</th>"
           "<th class=n>Price</th><th class=n>Total</th></tr></thead>\n<tbody>\n" +
           rows + "</tbody><tfoot>\n" + sums_of(order) + "</tfoot></table>\n</body></html>\n";
}

}  // namespace orders
