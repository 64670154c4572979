// Identifiers: a prefix that names the kind, '_', and 26 characters of Crockford base32 (128 bits), as in
// "prd_01JD2Q…". An id of one kind can't be passed where another is meant.
#pragma once

#include "core/encoding.hpp"
#include "core/random.hpp"
#include "core/time.hpp"

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace core {

struct IdPrefix {
    char text[4];
    consteval IdPrefix(const char (&prefix)[4]) : text{prefix[0], prefix[1], prefix[2], 0} {}
    constexpr std::string_view view() const { return {text, 3}; }
};

template <IdPrefix Prefix>
class Id {
public:
    static constexpr std::size_t length = 30;
    static constexpr std::string_view prefix = Prefix.view();

    // No id at all; what a row holds before it is read.
    Id() = default;

    // Sorts by the millisecond of its making; 80 random bits tell ids of one millisecond apart.
    static Id at(Time now) {
        auto bytes = random_bytes<16>();
        for (int i = 0; i < 6; ++i)
            bytes[i] = static_cast<unsigned char>(now.ms >> (40 - 8 * i));
        return from_bytes(bytes);
    }
    // 128 random bits: for ids that are a key by themselves, as a guest's cart id is.
    static Id unguessable() { return from_bytes(random_bytes<16>()); }

    // Before and behind all others of its kind, however a database sorts text: where lists begin.
    static Id lowest() { return from_bytes({}); }
    static Id highest() {
        std::array<unsigned char, 16> bytes;
        bytes.fill(0xFF);
        return from_bytes(bytes);
    }

    static std::optional<Id> from_text(std::string_view text) {
        if (text.size() != length || text.substr(0, 3) != prefix || text[3] != '_' || text[4] > '7')
            return {};
        for (char c : text.substr(4)) {
            if (!is_crockford(c)) return {};
        }
        Id id;
        text.copy(id.text_.data(), length);
        return id;
    }
    std::string_view text() const {
        return text_[0] == 0 ? std::string_view{} : std::string_view(text_.data(), length);
    }
    std::string str() const { return std::string(text()); }
    explicit operator bool() const { return text_[0] != 0; }

    friend auto operator<=>(const Id&, const Id&) = default;

private:
    static Id from_bytes(const std::array<unsigned char, 16>& bytes) {
        Id id;
        prefix.copy(id.text_.data(), 3);
        id.text_[3] = '_';
        write_crockford(bytes, id.text_.data() + 4);
        return id;
    }
    std::array<char, length> text_{};
};

using UserId = Id<"usr">;
using AddressId = Id<"adr">;
using SessionId = Id<"ses">;
using ApiKeyId = Id<"key">;
using ProductId = Id<"prd">;
using VariantId = Id<"var">;
using ImageId = Id<"img">;
using CategoryId = Id<"cat">;
using CartId = Id<"crt">;
using CartItemId = Id<"itm">;
using OrderId = Id<"ord">;
using OrderLineId = Id<"lin">;
using ShipmentId = Id<"shp">;
using StockEntryId = Id<"stk">;

}  // namespace core
