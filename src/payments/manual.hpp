// Money that moves outside the shop: bank transfers, cash, cheques. Staff say that it came or went, and that
// is all there is to do.
#pragma once

#include "payments/provider.hpp"

namespace payments {

class Manual : public Provider {
public:
    bool is_remote() const override { return false; }
    Outcome perform(const Call& call, const std::stop_token& stop) override;
    Outcome look_up(const std::string& reference, const std::stop_token& stop) override;
};

}  // namespace payments
