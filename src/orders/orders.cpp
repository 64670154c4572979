#include "orders/orders.hpp"

#include "orders/queries.hpp"

namespace orders {

using core::ErrorCode;
using core::Permission;

core::Result<Order> get_order(store::Tx& tx, const core::Caller& caller, const OrderPath& in) {
    Viewer viewer{caller.may(Permission::orders_read), caller.user, {}};
    if (in.email) viewer.guest_email_key = in.email->key();
    std::optional<Order> order;
    if (auto id = core::OrderId::from_text(in.id.text())) {
        order = find_visible(tx, *id, viewer);
    } else if (auto number = number_from_text(in.id.text())) {
        order = find_visible_by_number(tx, *number, viewer);
    }
    if (!order) return core::not_found("order");
    return std::move(*order);
}

std::optional<Order> find_order(store::Tx& tx, core::OrderId order) {
    return find_visible(tx, order, {true, {}, {}});
}

namespace {

core::Error invalid_parameter(std::string name, std::string code, std::string message) {
    core::Error error{ErrorCode::invalid_parameter, name + " " + message + ".", {}, {}};
    error.fields.push_back({std::move(name), std::move(code), std::move(message)});
    return error;
}

}  // namespace

core::Result<void> set_period(OrderFilter& filter, const std::map<std::string, core::Time>& created_at) {
    constexpr std::chrono::milliseconds step{1};
    for (const auto& [bound, time] : created_at) {
        if (bound == "gte") {
            filter.created_from = std::max(filter.created_from, time);
        } else if (bound == "gt") {
            filter.created_from = std::max(filter.created_from, time + step);
        } else if (bound == "lte") {
            filter.created_to = std::min(filter.created_to, time);
        } else if (bound == "lt") {
            filter.created_to = std::min(filter.created_to, time - step);
        } else {
            return std::unexpected(invalid_parameter("created_at[" + bound + "]", "unknown_field",
                                                     "is not one of gt, gte, lt, lte"));
        }
    }
    return {};
}

namespace {

constexpr std::string_view list_order = "-created_at";  // the name of the one sort, in cursors

core::Result<void> set_place(OrderFilter& filter, const core::Cursor& cursor) {
    auto created = number_from_text(cursor.key);
    auto number = number_from_text(cursor.id);
    if (cursor.order != list_order || !created || !number) {
        return std::unexpected(
            invalid_parameter("cursor", "invalid_cursor", "must be a next_cursor of this list, unchanged"));
    }
    filter.before_created = {*created};
    filter.before_number = *number;
    return {};
}

// A page that begins at the end of the period instead of behind it: PostgreSQL would walk there.
void begin_at_period(OrderFilter& filter) {
    if (filter.created_to >= filter.before_created) return;
    filter.before_created = filter.created_to + std::chrono::milliseconds{1};
    filter.before_number = 0;
}

}  // namespace

core::Result<core::List<Order>> list_orders(store::Tx& tx, const core::Caller& caller, const OrderQuery& in) {
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    OrderFilter filter;
    if (!caller.may(Permission::orders_read)) filter.user = caller.user.value();
    filter.status = in.status;
    filter.payment_status = in.payment_status;
    if (in.email) filter.email_key = in.email->key();
    if (in.q) filter.q = in.q->str();
    filter.limit = limit + 1;
    if (auto set = set_period(filter, in.created_at); !set) return std::unexpected(std::move(set.error()));
    if (in.cursor) {
        if (auto set = set_place(filter, *in.cursor); !set) return std::unexpected(std::move(set.error()));
    }
    begin_at_period(filter);
    return core::page_of(list_matching(tx, filter), limit, [](const Order& last) {
        return core::Cursor{std::string(list_order), std::to_string(last.created_at.ms), last.number};
    });
}

}  // namespace orders
