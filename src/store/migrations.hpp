// Schema changes, in order, run once each. A room's migrations are its migrations/NNNN_name.sql files,
// embedded at build time (tools/embed_migrations.cmake); NNNN is unique over all rooms and gives the order. A
// file NNNN_name.postgres.sql stands in for the plain one on PostgreSQL.
#pragma once

#include <span>
#include <string_view>

namespace store {

struct Migration {
    std::string_view room;  // "orders"
    std::string_view name;  // "0001_orders"
    std::string_view sqlite;
    std::string_view postgres;
};

// Those of this program, in order.
std::span<const Migration> all_migrations();

}  // namespace store
