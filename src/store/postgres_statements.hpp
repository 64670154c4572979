// Which prepared statement of a connection fits the arguments at hand.
//
// Parameters are declared by the kind of their argument, because what PostgreSQL infers for a bare number is
// often a 32-bit integer. A null fits any declaration; a parameter first seen as null is declared anew once
// it has a value. So a statement has a few variants at most.
#pragma once

#include "store/tx.hpp"

#include <unordered_map>

namespace store {

struct Prepared {
    std::string name;
    std::vector<Param::Kind> kinds;
    bool ready = false;  // the server knows it, or will before it needs to

    // Of the parameters, as the numbers of the wire protocol; 0 leaves it to the server.
    std::vector<unsigned> types() const;
};

class PreparedStatements {
public:
    // Made up if there is none yet, with a name of its own and not ready. Stays where it is.
    Prepared& fitting(Sql sql, std::span<const Param> params);

private:
    std::unordered_map<const char*, std::vector<std::unique_ptr<Prepared>>> variants_;
    std::size_t count_ = 0;
};

}  // namespace store
