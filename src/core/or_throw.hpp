// Where an error can't be answered to anybody: start, commands, threads in the background.
#pragma once

#include "core/error.hpp"

#include <stdexcept>
#include <type_traits>
#include <utility>

namespace core {

// The value. Throws std::runtime_error with the error's detail, or its name where it has none, behind `what`.
template <class T>
T or_throw(Result<T> result, std::string_view what = {}) {
    if (!result) {
        const Error& error = result.error();
        std::string text(what);
        if (!what.empty()) text += ": ";
        text += error.detail.empty() ? name_of(error.code) : error.detail;
        throw std::runtime_error(text);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace core
