// Orders as a file: made page by page while it is sent, so that a million of them need no more memory than a
// hundred.
#pragma once

#include "orders/orders.hpp"

#include "async/pool.hpp"
#include "http/parts.hpp"
#include "store/database.hpp"

namespace orders {

enum class ExportFormat { csv, ndjson };
BOOST_DESCRIBE_ENUM(ExportFormat, csv, ndjson)

struct OrderExportQuery {
    std::optional<ExportFormat> format;  // else csv
    std::optional<OrderStatus> status;
    std::optional<PaymentStatus> payment_status;
    std::map<std::string, core::Time> created_at;  // gt, gte, lt, lte
    std::optional<core::Email> email;
    std::optional<core::SearchText> q;
};
BOOST_DESCRIBE_STRUCT(OrderExportQuery, (), (format, status, payment_status, created_at, email, q))

// The latest first. CSV has a row for each line of an order, with the order's own columns repeated; NDJSON an
// order a line, as the API shows it. Pages are read on `pool`.
core::Result<http::Download> export_orders(store::Database& database, async::Pool& pool,
                                           const core::Caller& caller, const OrderExportQuery& in);

// One cell. What a spreadsheet would take for a formula gets an apostrophe in front: a customer's name must
// not run on the bookkeeper's machine (CWE-1236).
std::string csv_cell(std::string_view text);

}  // namespace orders
