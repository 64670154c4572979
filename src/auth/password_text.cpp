#include "auth/password_text.hpp"

#include <uninorm.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace auth {

std::string normalized(std::string_view password) {
    if (password.empty()) return {};
    std::size_t length = 0;
    std::unique_ptr<uint8_t, decltype(&std::free)> text(
        u8_normalize(UNINORM_NFKC, reinterpret_cast<const uint8_t*>(password.data()), password.size(),
                     nullptr, &length),
        &std::free);
    if (!text) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(text.get()), length};
}

}  // namespace auth
