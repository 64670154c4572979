#include "store/isolation.hpp"

namespace store {

void isolate(const Database& database, Tx& tx) {
    static constexpr Sql sql("set transaction isolation level serializable");
    if (database.engine() == "postgres") tx.run(sql);
}

}  // namespace store
