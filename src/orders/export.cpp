#include "orders/export.hpp"

#include "orders/queries.hpp"

#include "core/currency.hpp"
#include "core/json_write.hpp"
#include "core/or_throw.hpp"

namespace orders {
namespace {

constexpr std::int64_t page_orders = 100;  // some 200 KB of text: what an export holds in memory
constexpr std::string_view csv_head =
    "number,id,created_at,status,payment_status,email,currency,subtotal,discount_total,shipping_total,tax_"
    "total,"
    "total,prices_include_tax,discount_code,shipping_method,name,company,line1,line2,postal_code,city,region,"
    "country,sku,title,quantity,shipped,unit_price,line_total,line_discount,line_tax\r\n";

std::string row_of(const std::vector<std::string>& cells) {
    std::string row;
    for (const std::string& cell : cells) {
        if (!row.empty()) row += ',';
        row += cell;
    }
    return row + "\r\n";
}

std::string optional_cell(const auto& value) {
    return value ? csv_cell(std::string_view(value->text())) : std::string();
}

std::string order_cells(const Order& order) {
    const auto& to = order.shipping_address;
    auto row = row_of({order.number,
                       order.id.str(),
                       core::to_rfc3339(order.created_at),
                       text_of(order.status),
                       text_of(order.payment_status),
                       csv_cell(order.email),
                       std::string(order.total.currency.text()),
                       core::decimal_text(order.subtotal),
                       core::decimal_text(order.discount_total),
                       core::decimal_text(order.shipping_total),
                       core::decimal_text(order.tax_total),
                       core::decimal_text(order.total),
                       order.prices_include_tax ? "true" : "false",
                       csv_cell(order.discount_code.value_or("")),
                       csv_cell(order.shipping_method.value_or("")),
                       csv_cell(to.name.text()),
                       optional_cell(to.company),
                       csv_cell(to.line1.text()),
                       optional_cell(to.line2),
                       csv_cell(to.postal_code.text()),
                       csv_cell(to.city.text()),
                       optional_cell(to.region),
                       std::string(to.country.text())});
    row.resize(row.size() - 2);  // its line goes on
    return row;
}

std::string csv_of(const Order& order) {
    const std::string repeated = order_cells(order);
    std::string rows;
    for (const auto& line : order.lines) {
        rows += repeated + "," +
                row_of({csv_cell(line.sku), csv_cell(line.title), std::to_string(line.quantity),
                        std::to_string(line.shipped), core::decimal_text(line.unit_price),
                        core::decimal_text(line.total), core::decimal_text(line.discount),
                        core::decimal_text(line.tax)});
    }
    return rows;
}

// A page after the other, from where the last one ended. An empty part is the end.
class ExportParts final : public http::Parts {
public:
    ExportParts(store::Database& database, async::Pool& pool, core::Caller caller,
                const OrderExportQuery& query)
        : database_(database),
          pool_(pool),
          caller_(std::move(caller)),
          format_(query.format.value_or(ExportFormat::csv)) {
        query_.status = query.status;
        query_.payment_status = query.payment_status;
        query_.created_at = query.created_at;
        query_.email = query.email;
        query_.q = query.q;
        query_.limit = page_orders;
    }

    boost::asio::awaitable<std::string> next() override {
        if (is_over_) co_return std::string();
        co_return core::or_throw(co_await pool_.run([this] { return read_part(); }));
    }

private:
    std::string read_part() {
        auto page = core::or_throw(
            store::read_now(database_, [this](store::Tx& tx) { return list_orders(tx, caller_, query_); }));
        std::string part;
        if (format_ == ExportFormat::csv && !query_.cursor) part = csv_head;
        for (const auto& order : page.data) {
            if (format_ == ExportFormat::csv) {
                part += csv_of(order);
            } else {
                core::write_json(part, order);
                part += '\n';
            }
        }
        is_over_ = !page.has_more;
        if (page.has_more) query_.cursor = core::Cursor::from_text(*page.next_cursor).value();
        return part;
    }

    store::Database& database_;
    async::Pool& pool_;
    core::Caller caller_;
    ExportFormat format_;
    OrderQuery query_;
    bool is_over_ = false;
};

}  // namespace

std::string csv_cell(std::string_view text) {
    constexpr std::string_view begins_formula = "=+-@\t\r";
    std::string cell;
    if (!text.empty() && begins_formula.find(text.front()) != std::string_view::npos) cell += '\'';
    cell += text;
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (char c : cell) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

core::Result<http::Download> export_orders(store::Database& database, async::Pool& pool,
                                           const core::Caller& caller, const OrderExportQuery& in) {
    // A period that can't be is said before the file begins.
    OrderFilter period;
    if (auto set = set_period(period, in.created_at); !set) return std::unexpected(std::move(set.error()));
    auto parts = std::make_shared<ExportParts>(database, pool, caller, in);
    if (in.format == ExportFormat::ndjson)
        return http::Download{"application/x-ndjson", "orders.ndjson", std::move(parts)};
    return http::Download{"text/csv", "orders.csv", std::move(parts)};
}

}  // namespace orders
