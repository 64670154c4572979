#include "store/turns.hpp"

namespace store {

bool writers_wait_in_turn(const Database& database) {
    return database.engine() == "postgres";
}

}  // namespace store
