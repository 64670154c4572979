#include "app/shared_rates.hpp"

#include "core/json_read.hpp"
#include "core/json_write.hpp"

namespace app {
namespace {

constexpr std::string_view channel = "-nodes#addresses#";

using Natural = core::Int<0, std::numeric_limits<std::int64_t>::max()>;

struct AddressWord {
    core::Id<"nod"> node;
    core::Text<1, 64> network;
    Natural minute;
    core::Int<1, 1'000'000'000> more;
};
BOOST_DESCRIBE_STRUCT(AddressWord, (), (node, network, minute, more))

}  // namespace

SharedRates::SharedRates(http::AddressRates& rates, nodes::Words& words, const core::Clock& clock)
    : rates_(rates), clock_(clock), node_(core::Id<"nod">::unguessable()) {
    hearing_ =
        words.hear(std::string(channel), [this](std::string_view, std::string_view text) { hear(text); });
    rates.tell_others([this, &words](const http::AddressCount& count) {
        auto network = core::Text<1, 64>::from_text(count.network);
        if (network)
            words.say(channel, core::to_json(AddressWord{node_, *network, {count.minute}, {count.more}}));
    });
}

void SharedRates::hear(std::string_view text) {
    auto word = core::from_json<AddressWord>(text);
    if (!word || word->node == node_) return;
    rates_.hear({word->network.str(), word->minute.value, word->more.value}, clock_.now());
}

}  // namespace app
