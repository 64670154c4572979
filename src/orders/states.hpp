// How far an order can have come, and who may move it on: data that rules ask and a test walks whole.
#pragma once

#include <boost/describe/enum.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>

#include <array>
#include <string>
#include <vector>

namespace orders {

enum class OrderStatus { pending, processing, shipped, delivered, cancelled };
BOOST_DESCRIBE_ENUM(OrderStatus, pending, processing, shipped, delivered, cancelled)

enum class PaymentStatus { unpaid, authorized, paid, partially_refunded, refunded, failed, voided };
BOOST_DESCRIBE_ENUM(PaymentStatus, unpaid, authorized, paid, partially_refunded, refunded, failed, voided)

enum class Mover { staff, customer };

struct Transition {
    OrderStatus from;
    OrderStatus to;
    bool by_customer;  // staff may always
};

// API.md, Orders.
inline constexpr std::array transitions{
    Transition{OrderStatus::pending, OrderStatus::processing, false},
    Transition{OrderStatus::pending, OrderStatus::shipped, false},
    Transition{OrderStatus::pending, OrderStatus::cancelled, true},
    Transition{OrderStatus::processing, OrderStatus::shipped, false},
    Transition{OrderStatus::processing, OrderStatus::cancelled, false},
    Transition{OrderStatus::shipped, OrderStatus::delivered, false},
};

constexpr bool may_go(OrderStatus from, OrderStatus to, Mover mover) {
    for (const auto& transition : transitions) {
        if (transition.from == from && transition.to == to)
            return mover == Mover::staff || transition.by_customer;
    }
    return false;
}

struct PaymentTransition {
    PaymentStatus from;
    PaymentStatus to;
    bool comes_back = false;  // a refund that didn't arrive: only a payment can tell
};

// How far the money can have come. failed and voided are left again when the customer tries anew.
inline constexpr std::array payment_transitions{
    PaymentTransition{PaymentStatus::unpaid, PaymentStatus::authorized},
    PaymentTransition{PaymentStatus::unpaid, PaymentStatus::paid},
    PaymentTransition{PaymentStatus::unpaid, PaymentStatus::failed},
    PaymentTransition{PaymentStatus::failed, PaymentStatus::authorized},
    PaymentTransition{PaymentStatus::failed, PaymentStatus::paid},
    PaymentTransition{PaymentStatus::authorized, PaymentStatus::paid},
    PaymentTransition{PaymentStatus::authorized, PaymentStatus::voided},
    PaymentTransition{PaymentStatus::voided, PaymentStatus::authorized},
    PaymentTransition{PaymentStatus::voided, PaymentStatus::paid},
    PaymentTransition{PaymentStatus::paid, PaymentStatus::partially_refunded},
    PaymentTransition{PaymentStatus::paid, PaymentStatus::refunded},
    PaymentTransition{PaymentStatus::partially_refunded, PaymentStatus::refunded},
    PaymentTransition{PaymentStatus::partially_refunded, PaymentStatus::paid, true},
    PaymentTransition{PaymentStatus::refunded, PaymentStatus::partially_refunded, true},
    PaymentTransition{PaymentStatus::refunded, PaymentStatus::paid, true},
};

template <class Enum>
std::string text_of(Enum value) {
    return boost::describe::enum_to_string(value, "");
}

// The states that lead to `to`, by name.
inline std::vector<std::string> sources_of(OrderStatus to, Mover mover) {
    std::vector<std::string> names;
    for (const auto& transition : transitions) {
        if (transition.to == to && may_go(transition.from, to, mover))
            names.push_back(text_of(transition.from));
    }
    return names;
}

inline std::vector<std::string> sources_of(PaymentStatus to, bool with_what_came_back = false) {
    std::vector<std::string> names;
    for (const auto& transition : payment_transitions) {
        if (transition.to == to && (with_what_came_back || !transition.comes_back))
            names.push_back(text_of(transition.from));
    }
    return names;
}

inline boost::json::array targets_of(PaymentStatus from) {
    boost::json::array names;
    for (const auto& transition : payment_transitions) {
        if (transition.from == from && !transition.comes_back) names.emplace_back(text_of(transition.to));
    }
    return names;
}

// Where `from` can go, by name: the `allowed` of an invalid_transition.
inline boost::json::array targets_of(OrderStatus from, Mover mover) {
    boost::json::array names;
    for (const auto& transition : transitions) {
        if (transition.from == from && may_go(from, transition.to, mover))
            names.emplace_back(text_of(transition.to));
    }
    return names;
}

}  // namespace orders
