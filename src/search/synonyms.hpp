// Words that mean the same to customers of this shop, as staff say: "sofa", "couch" and "settee". They count
// when a query is read, so a change needs no new index.
#pragma once

#include "core/caller.hpp"
#include "core/id.hpp"
#include "core/page.hpp"
#include "store/tx.hpp"

namespace search {

using SynonymsId = core::Id<"syn">;

inline constexpr std::size_t synonym_groups_max = 1000;    // each query is compared with all of them
inline constexpr std::size_t synonyms_per_group_max = 20;  // each is another branch of the query
inline constexpr const char* synonyms_changed = "synonyms.changed";

using Synonym = core::Text<1, 100>;  // a word or a few

struct SynonymGroup {
    SynonymsId id;
    std::vector<Synonym> words;
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(SynonymGroup, (), (id, words, created_at))

struct NewSynonyms {
    std::vector<Synonym> words;
};
BOOST_DESCRIBE_STRUCT(NewSynonyms, (), (words))

struct SynonymsAddress {
    SynonymsId id;
};
BOOST_DESCRIBE_STRUCT(SynonymsAddress, (), (id))

struct SynonymsQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(SynonymsQuery, (), (limit, cursor))

std::vector<SynonymGroup> list_synonym_groups(store::Tx& tx);

core::Result<core::List<SynonymGroup>> list_synonyms(store::Tx& tx, const core::Caller& caller,
                                                     const SynonymsQuery& query);
core::Result<SynonymGroup> get_synonyms(store::Tx& tx, const core::Caller& caller,
                                        const SynonymsAddress& address);
core::Result<SynonymGroup> add_synonyms(store::Tx& tx, const core::Caller& caller, const NewSynonyms& group);
core::Result<void> delete_synonyms(store::Tx& tx, const core::Caller& caller, const SynonymsAddress& address);

}  // namespace search
