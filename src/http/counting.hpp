// Adds to a call the statements that were run while this lives, on whichever thread that is.
#pragma once

#include "http/exchange.hpp"

#include "store/statements.hpp"

namespace http {

class Counting {
public:
    explicit Counting(Call& call) : call_(call), before_(store::statements_run) {}
    ~Counting() { call_.statements += store::statements_run - before_; }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

private:
    Call& call_;
    std::uint64_t before_;
};

}  // namespace http
