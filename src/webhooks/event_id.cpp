#include "webhooks/event_id.hpp"

#include "core/encoding.hpp"

namespace webhooks {
namespace {

constexpr std::size_t digits = 26;  // of Crockford base32, five bits each
constexpr std::size_t text_length = 4 + digits;

void put(std::array<unsigned char, 16>& bytes, std::size_t at, std::int64_t number) {
    for (std::size_t i = 0; i < 8; ++i)
        bytes[at + i] = static_cast<unsigned char>(number >> (56 - 8 * i));
}

}  // namespace

core::Checked<EventId> EventId::from_text(std::string_view text) {
    core::Refusal refusal{"invalid_id", "must be the id of an event, evt_ and 26 characters"};
    if (text.size() != text_length || !text.starts_with("evt_")) return std::unexpected(refusal);
    unsigned __int128 value = 0;
    for (char c : text.substr(4)) {
        auto digit = core::crockford_alphabet.find(c);
        if (digit == std::string_view::npos) return std::unexpected(refusal);
        value = value << 5 | digit;
    }
    constexpr auto positive = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    auto transaction = static_cast<std::uint64_t>(value >> 64);
    auto id = static_cast<std::uint64_t>(value);
    // Also where the first digit doesn't fit: its surplus bits are lost, so the text would not be canonical.
    if (text[4] > '7' || transaction > positive || id > positive) return std::unexpected(refusal);
    return EventId({static_cast<std::int64_t>(transaction), static_cast<std::int64_t>(id)});
}

std::string EventId::text() const {
    std::array<unsigned char, 16> bytes{};
    put(bytes, 0, position_.transaction);
    put(bytes, 8, position_.id);
    std::string text("evt_");
    text.resize(text_length);
    core::write_crockford(bytes, text.data() + 4);
    return text;
}

}  // namespace webhooks
