// Lets the nodes of a shop know of each other what an address has used of its limit (http/address_rates.hpp).
#pragma once

#include "core/id.hpp"
#include "http/address_rates.hpp"
#include "nodes/words.hpp"

namespace app {

class SharedRates {
public:
    // Before the server starts; all must outlive it.
    SharedRates(http::AddressRates& rates, nodes::Words& words, const core::Clock& clock);

private:
    void hear(std::string_view text);

    http::AddressRates& rates_;
    const core::Clock& clock_;
    const core::Id<"nod"> node_;  // what this one has said comes back
    nodes::Words::Hearing hearing_;
};

}  // namespace app
