// Any bytes as a JSON body: what is taken keeps the limits, and comes back the same from what is written of
// it.
#include "core/json_read.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

std::size_t depth_of(const boost::json::value& value) {
    std::size_t deepest = 0;
    if (const auto* array = value.if_array()) {
        for (const auto& item : *array)
            deepest = std::max(deepest, depth_of(item));
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            deepest = std::max(deepest, depth_of(member.value()));
    } else {
        return 0;
    }
    return deepest + 1;
}

// These may come back with another last bit.
bool has_fraction(const boost::json::value& value) {
    if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_fraction);
    if (const auto* object = value.if_object()) {
        return std::ranges::any_of(*object, [](const auto& member) { return has_fraction(member.value()); });
    }
    return value.is_double();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto document = core::parse_json({reinterpret_cast<const char*>(data), size});
    if (!document) return 0;
    if (depth_of(*document) > core::json_depth_max) std::abort();
    const auto again = core::parse_json(boost::json::serialize(*document));
    if (!again || (!has_fraction(*document) && *again != *document)) std::abort();
    return 0;
}
