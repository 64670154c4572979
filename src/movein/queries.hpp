// The SQL of what has moved in.
#pragma once

#include "store/tx.hpp"

#include <map>
#include <vector>

namespace movein::queries {

struct Moved {
    std::string old_id;
    std::string new_id;
    std::string digest;  // empty: something that is part of what it came with, as a product's variant
};
BOOST_DESCRIBE_STRUCT(Moved, (), (old_id, new_id, digest))

std::optional<Moved> find_moved(store::Tx& tx, std::string_view kind, std::string_view old_id);
// New ids by old ones; those that haven't come are left out.
std::map<std::string, std::string> list_moved(store::Tx& tx, std::string_view kind,
                                              const std::vector<std::string>& old_ids);
// Another document that became the same here.
std::optional<std::string> find_twin(store::Tx& tx, std::string_view kind, std::string_view new_id,
                                     std::string_view old_id);
void remember(store::Tx& tx, std::string_view kind, const Moved& moved);

}  // namespace movein::queries
