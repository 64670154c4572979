#include "search/synonyms.hpp"

#include "core/json_read.hpp"
#include "core/json_write.hpp"

#include <boost/json/parse.hpp>

namespace search {
namespace {

constexpr std::string_view list_order = "oldest";

struct GroupRow {
    SynonymsId id;
    std::string words;  // a JSON list
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(GroupRow, (), (id, words, created_at))

SynonymGroup group_of(const GroupRow& row) {
    SynonymGroup group{row.id, {}, row.created_at};
    for (const auto& word : boost::json::parse(row.words).as_array())
        group.words.push_back(Synonym::trusted(std::string(word.as_string())));
    return group;
}

}  // namespace

std::vector<SynonymGroup> list_synonym_groups(store::Tx& tx) {
    std::vector<SynonymGroup> groups;
    for (const GroupRow& row :
         tx.list<GroupRow>("select id, words, created_at from search_synonyms order by id"))
        groups.push_back(group_of(row));
    return groups;
}

core::Result<core::List<SynonymGroup>> list_synonyms(store::Tx& tx, const core::Caller&,
                                                     const SynonymsQuery& query) {
    auto after = core::place_of(query.cursor, list_order, SynonymsId::lowest());
    if (!after) return std::unexpected(std::move(after.error()));
    const std::int64_t limit = query.limit.value_or(core::page_limit_default);
    std::vector<SynonymGroup> groups;
    for (const GroupRow& row : tx.list<GroupRow>(
             "select id, words, created_at from search_synonyms where id > $1 order by id limit $2", *after,
             limit + 1))
        groups.push_back(group_of(row));
    return core::page_by_id(std::move(groups), limit, list_order);
}

core::Result<SynonymGroup> get_synonyms(store::Tx& tx, const core::Caller&, const SynonymsAddress& address) {
    auto row =
        tx.find<GroupRow>("select id, words, created_at from search_synonyms where id = $1", address.id);
    if (!row) return core::not_found("group of synonyms");
    return group_of(*row);
}

core::Result<SynonymGroup> add_synonyms(store::Tx& tx, const core::Caller&, const NewSynonyms& group) {
    if (group.words.size() < 2 || group.words.size() > synonyms_per_group_max) {
        return core::fail_field("/words", group.words.size() < 2 ? "too_short" : "too_long",
                                "must be 2 to " + std::to_string(synonyms_per_group_max) + " words");
    }
    // Two requests at once may pass the limit by one: it is there for the queries' sake, not to be exact.
    const auto count = tx.get<std::int64_t>("select count(*) from search_synonyms");
    if (count >= static_cast<std::int64_t>(synonym_groups_max)) {
        return core::fail(core::ErrorCode::conflict, "There are " + std::to_string(synonym_groups_max) +
                                                         " groups of synonyms already. Delete one first.");
    }
    GroupRow row{SynonymsId::at(tx.now()), core::to_json(group.words), tx.now()};
    tx.run("insert into search_synonyms (id, words, created_at) values ($1, $2, $3)", row.id, row.words,
           row.created_at);
    tx.append_event(synonyms_changed, row.id.str());
    return group_of(row);
}

core::Result<void> delete_synonyms(store::Tx& tx, const core::Caller&, const SynonymsAddress& address) {
    if (tx.count_changed("delete from search_synonyms where id = $1", address.id) == 0)
        return core::not_found("group of synonyms");
    tx.append_event(synonyms_changed, address.id.str());
    return {};
}

}  // namespace search
