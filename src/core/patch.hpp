// A member of a PATCH body that may be absent (leave it), null (clear it) or a value (set it).
#pragma once

#include <optional>

namespace core {

template <class T>
struct Patch {
    bool given = false;
    std::optional<T> value;
};

}  // namespace core
