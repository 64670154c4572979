#include "movein/queries.hpp"

namespace movein::queries {

std::optional<Moved> find_moved(store::Tx& tx, std::string_view kind, std::string_view old_id) {
    return tx.find<Moved>("select old_id, new_id, digest from moved_in where kind = $1 and old_id = $2", kind,
                          old_id);
}

std::map<std::string, std::string> list_moved(store::Tx& tx, std::string_view kind,
                                              const std::vector<std::string>& old_ids) {
    std::map<std::string, std::string> moved;
    for (Moved& row :
         tx.list<Moved>("select old_id, new_id, digest from moved_in where kind = $1 and old_id = any($2)",
                        kind, old_ids))
        moved.emplace(std::move(row.old_id), std::move(row.new_id));
    return moved;
}

std::optional<std::string> find_twin(store::Tx& tx, std::string_view kind, std::string_view new_id,
                                     std::string_view old_id) {
    return tx.find<std::string>(
        "select old_id from moved_in where kind = $1 and new_id = $2 and old_id <> $3 limit 1", kind, new_id,
        old_id);
}

void remember(store::Tx& tx, std::string_view kind, const Moved& moved) {
    tx.run(
        "insert into moved_in (kind, old_id, new_id, digest) values ($1, $2, $3, $4)"
        " on conflict (kind, old_id) do update set new_id = $3, digest = $4",
        kind, moved.old_id, moved.new_id, moved.digest);
}

}  // namespace movein::queries
