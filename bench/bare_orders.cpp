// The bare loop that ./dev bench orders compares the server with: the very statements that placing orders
// comes to on SQLite, with their values, in groups of one commit each, and nothing else: no HTTP, no JSON, no
// queue, no rules.
//
//   bare_orders FOLDER GROUP    FOLDER/data/kontor.db of a stopped server, FOLDER/carts.0 and carts.1 with
//   the
//                               ids of filled carts. Prints orders a second and statements an order.
//
// The statements are recorded by placing the orders once on a copy, then run on another.
#include "orders/orders.hpp"
#include "store/sqlite.hpp"

#include "core/random.hpp"

#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::size_t orders_max = 20'000;
constexpr std::chrono::seconds busy{5};

// One statement with values of its own.
struct Recorded {
    store::Sql sql;
    std::vector<store::Param> params;
    bool reads_rows = false;
};

class Recorder final : public store::Connection {
public:
    explicit Recorder(store::Connection& connection) : connection_(connection) {}

    std::int64_t run(store::Sql sql, std::span<const store::Param> params, const Visit& visit) override {
        keep(sql, params, static_cast<bool>(visit));
        return connection_.run(sql, params, visit);
    }
    void run_later(store::Sql sql, std::span<const store::Param> params) override { run(sql, params, {}); }

    std::vector<Recorded> take() { return std::move(statements_); }

private:
    void keep(store::Sql sql, std::span<const store::Param> params, bool reads_rows) {
        Recorded recorded{sql, {params.begin(), params.end()}, reads_rows};
        for (auto& param : recorded.params) {
            param.text = texts_.emplace_back(param.text);
            if (!param.list.empty()) param.list = lists_.emplace_back(param.list.begin(), param.list.end());
        }
        statements_.push_back(std::move(recorded));
    }

    store::Connection& connection_;
    std::vector<Recorded> statements_;
    std::deque<std::string> texts_;  // what the recorded values point at
    std::deque<std::vector<std::string>> lists_;
};

std::vector<core::CartId> read_carts(const fs::path& folder) {
    std::vector<core::CartId> carts;
    for (const char* name : {"carts.0", "carts.1"}) {
        std::ifstream in(folder / name);
        for (std::string line; std::getline(in, line) && carts.size() < orders_max;) {
            if (auto cart = core::CartId::from_text(line)) carts.push_back(*cart);
        }
    }
    return carts;
}

// What bench/lua/load.lua sends.
orders::PlaceOrder order_of(core::CartId cart) {
    orders::PlaceOrder order;
    order.cart_id = cart;
    order.email = core::Email::from_text("bench@example.com").value();
    users::PostalAddress address;
    address.name = core::Text<1, 200>::trusted("Ada Byron");
    address.line1 = core::Text<1, 200>::trusted("12 St James Square");
    address.city = core::Text<1, 100>::trusted("London");
    address.postal_code = core::Text<1, 20>::trusted("SW1Y 4JH");
    address.country = core::CountryCode::trusted("GB");
    order.shipping_address = address;
    return order;
}

std::vector<std::vector<Recorded>> record(const fs::path& file, const std::vector<core::CartId>& carts,
                                          Recorder& recorder, store::SqliteConnection& connection) {
    std::vector<std::vector<Recorded>> all;
    const core::Clock clock;
    connection.begin_write();
    for (auto cart : carts) {
        store::Tx tx(recorder, clock.now());
        auto placed = orders::place_order(tx, {}, order_of(cart));
        if (!placed) throw std::runtime_error(file.string() + ": " + placed.error().detail);
        all.push_back(recorder.take());
    }
    connection.commit();
    return all;
}

void run_group(store::SqliteConnection& connection, std::span<const std::vector<Recorded>> orders) {
    const store::Connection::Visit look = [](const store::RowView&) {};
    connection.begin_write();
    for (const auto& statements : orders) {
        for (const auto& [sql, params, reads_rows] : statements)
            connection.run(sql, params, reads_rows ? look : store::Connection::Visit());
    }
    connection.commit();
}

void copy_database(const fs::path& from, const fs::path& to) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        fs::remove(to.string() + suffix);
        if (fs::exists(from.string() + suffix)) fs::copy_file(from.string() + suffix, to.string() + suffix);
    }
}

}  // namespace

int main(int count, char** words) try {
    if (count != 3) throw std::runtime_error("usage: bare_orders FOLDER GROUP");
    core::start_crypto();
    const fs::path folder = words[1];
    const std::size_t group = std::max(1UL, std::stoul(words[2]));
    const auto carts = read_carts(folder);
    const fs::path source = folder / "data/kontor.db";
    const fs::path recorded_on = folder / "recorded.db";
    const fs::path run_on = folder / "bare.db";
    copy_database(source, recorded_on);
    copy_database(source, run_on);

    store::SqliteConnection recording(recorded_on, store::SqliteConnection::Use::write, busy);
    Recorder recorder(recording);
    const auto orders = record(recorded_on, carts, recorder, recording);

    store::SqliteConnection bare(run_on, store::SqliteConnection::Use::write, busy);
    const auto began = steady_clock::now();
    for (std::size_t i = 0; i < orders.size(); i += group) {
        run_group(bare, std::span(orders).subspan(i, std::min(group, orders.size() - i)));
        if (bare.log_pages() > 1000) bare.checkpoint();  // as often as the server does
    }
    const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
    std::cout << static_cast<double>(orders.size()) / seconds << " " << orders.front().size() << "\n";
} catch (const std::exception& failure) {
    std::cerr << failure.what() << "\n";
    return 1;
}
