#include "orders/followers.hpp"

#include "orders/queries.hpp"

#include "core/currency.hpp"
#include "mail/mail.hpp"

namespace orders {
namespace {

// A letter about what happened long ago confuses: when a follower reads an old log for the first time, or has
// been stopped for days.
constexpr std::chrono::hours news_for{24};

struct Words {
    std::string_view event;
    std::string_view kind;
    std::string_view subject;  // behind it stands the number
    std::string_view text;
};

constexpr std::array letters{
    Words{"order.placed", "order_placed", "We have your order ",
          "Thank you for your order. This is what you bought:"},
    Words{"order.partially_shipped", "order_shipped",
          "A part of your order is on its way: ", "A parcel with a part of your order has left us."},
    Words{"order.shipped", "order_shipped", "Your order is on its way: ", "Your order has left us."},
    Words{"order.delivered", "order_delivered", "Your order has arrived: ", "Your order has been delivered."},
    Words{"order.cancelled", "order_cancelled", "Your order was cancelled: ", "Your order was cancelled."},
};

const Words* find_words(std::string_view event) {
    auto words = std::ranges::find(letters, event, &Words::event);
    return words == letters.end() ? nullptr : &*words;
}

mail::Facts goods_of(const Order& order) {
    mail::Facts facts;
    for (const auto& line : order.lines) {
        facts.rows.emplace_back(std::to_string(line.quantity) + " × " + line.title,
                                core::to_text(line.total));
    }
    auto add = [&](const char* label, const core::Money& money) {
        if (money.amount != 0) facts.rows.emplace_back(label, core::to_text(money));
    };
    add("Discount", {-order.discount_total.amount.value, order.total.currency});
    add("Shipping", order.shipping_total);
    add(order.prices_include_tax ? "Tax included" : "Tax", order.tax_total);
    facts.rows.emplace_back("Total", core::to_text(order.total));
    return facts;
}

std::vector<mail::Block> blocks_of(const Order& order, const Words& words) {
    std::vector<mail::Block> blocks{mail::Paragraph{std::string(words.text)}};
    if (words.kind == "order_placed") blocks.emplace_back(goods_of(order));
    if (words.kind == "order_shipped" && !order.shipments.empty()) {
        const auto& parcel = order.shipments.back();
        blocks.emplace_back(
            mail::Facts{{{"Carrier", parcel.carrier}, {"Tracking number", parcel.tracking_number}}});
        if (parcel.tracking_url) blocks.emplace_back(mail::Link{"Follow your parcel", *parcel.tracking_url});
    }
    const auto& last = order.timeline.back();
    if (words.kind == "order_cancelled" && last.note)
        blocks.emplace_back(mail::Paragraph{"Reason: " + *last.note});
    return blocks;
}

void write_letter(store::Tx& tx, const store::Event& event) {
    const Words* words = find_words(event.type);
    auto id = core::OrderId::from_text(event.subject);
    if (!words || !id || event.created_at + news_for < tx.now()) return;
    auto order = find_order(tx, *id);
    if (!order) return;
    auto to = core::Email::from_text(order->email);
    if (!to) return;  // erased meanwhile
    mail::queue(tx, {.event = event.type + " " + event.subject + " " + std::to_string(event.id),
                     .kind = std::string(words->kind),
                     .to = *to,
                     .subject = mail::OneLine(std::string(words->subject) + order->number),
                     .blocks = blocks_of(*order, *words)});
}

}  // namespace

jobs::Follower write_order_letters() {
    std::vector<std::string> types;
    for (const auto& words : letters)
        types.emplace_back(words.event);
    return {"order_letters", std::move(types), write_letter};
}

jobs::Schedule forget_order_rates() {
    return {"order_rates", std::chrono::minutes{10}, forget_rates};
}

}  // namespace orders
