#include "auth/letter_token.hpp"

#include "auth/sealing.hpp"

namespace auth {
namespace {

constexpr std::string_view purpose = "letter token";

}  // namespace

std::string seal_letter_token(const Secret& secret, std::string_view token) {
    return seal(derive_key(secret, purpose), token);
}

std::optional<std::string> unseal_letter_token(const Secret& secret, std::string_view sealed) {
    return unseal(derive_key(secret, purpose), sealed);
}

}  // namespace auth
