#include "webhooks/event_pattern.hpp"

#include <algorithm>
#include <array>

namespace webhooks {
namespace {

constexpr std::array<std::string_view, 11> told_kinds{"cart",    "category", "conversation", "discount",
                                                      "media",   "message",  "order",        "payment",
                                                      "product", "stock",    "user"};

bool is_name(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

core::Checked<EventPattern> EventPattern::from_text(std::string_view text) {
    auto dot = text.find('.');
    bool fits = text == "*";
    if (dot != std::string_view::npos) {
        auto rest = text.substr(dot + 1);
        fits = is_name(text.substr(0, dot)) && (rest == "*" || is_name(rest));
    }
    if (!fits || text.size() > length_max) {
        return std::unexpected(core::Refusal{
            "invalid_event", "must be an event's type such as order.placed, a kind such as order.*, or *"});
    }
    EventPattern pattern;
    pattern.text_ = text;
    return pattern;
}

bool EventPattern::matches(std::string_view event_type) const {
    if (text_.ends_with('*'))
        return event_type.starts_with(std::string_view(text_).substr(0, text_.size() - 1));
    return event_type == text_;
}

bool is_told(std::string_view event_type) {
    return std::ranges::count(told_kinds, event_type.substr(0, event_type.find('.'))) > 0;
}

}  // namespace webhooks
