// A transaction as rules see it: statements in, described structs out, events appended. The same SQL text
// runs on both engines: PostgreSQL's dialect with $1, RETURNING, ON CONFLICT and `= any($1)` for lists.
#pragma once

#include "store/value.hpp"

#include "core/error.hpp"

#include <functional>
#include <memory>

namespace store {

// SQL text with static lifetime: its address keys the cache of prepared statements, so it costs no hashing.
class Sql {
public:
    template <std::size_t N>
    consteval Sql(const char (&text)[N]) : text_(text, N - 1) {}
    constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

// The engine's side of a transaction. Two implementations: sqlite.cpp and postgres.cpp.
class Connection {
public:
    using Visit = std::function<void(const RowView&)>;

    virtual ~Connection() = default;
    // Runs a statement to its end and visits each row. Returns the number of rows changed (or visited).
    virtual std::int64_t run(Sql sql, std::span<const Param> params, const Visit& visit) = 0;
    // Runs a statement that nobody waits for yet. It may reach the database later than this call, but before
    // the next run() and before the commit, in order; what goes wrong with it fails the transaction. Its rows
    // are visited, where `visit` isn't empty, before the next run() returns. Returns its ticket.
    using Ticket = std::uint64_t;
    virtual Ticket run_later(Sql sql, std::span<const Param> params, Visit visit) = 0;
    // Returns once the rows of the statement with this ticket were visited.
    virtual void settle(Ticket ticket) = 0;
};

// A UNIQUE or CHECK constraint said no. write() turns it into the error whose code is the constraint's name.
struct ConstraintViolation : std::runtime_error {
    explicit ConstraintViolation(std::string constraint_name)
        : std::runtime_error("constraint " + constraint_name), constraint(std::move(constraint_name)) {}
    std::string constraint;
};

// Thrown by a work that lost a race it can win when it runs again from the start, as after a serialization
// failure.
struct RunAgain : std::runtime_error {
    explicit RunAgain(const std::string& why = "lost a race") : std::runtime_error(why) {}
};

// Something that happened, as the event log keeps it (API.md ids: evt_ and 26 characters are for the wire
// only).
struct Event {
    std::int64_t id = 0;
    std::string type;     // "order.placed"
    std::string subject;  // the id of what it is about
    std::string payload;  // JSON
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(Event, (), (id, type, subject, payload, created_at))

// Rows that were asked for and are read later, once. On PostgreSQL all that is asked before the first of them
// is read travels to the server and back together: a round trip for all instead of one for each. One that
// nobody has asked for has no rows.
template <class T>
class Asked {
public:
    std::vector<T> list() {
        if (!rows_) return {};
        connection_->settle(ticket_);
        return std::move(*rows_);
    }
    // The first row, if any.
    std::optional<T> find() {
        auto rows = list();
        if (rows.empty()) return {};
        return std::move(rows.front());
    }
    // The first row of a statement that always has one. Throws std::logic_error if it hasn't.
    T get() {
        auto row = find();
        if (!row) throw std::logic_error("a row that must exist is missing");
        return std::move(*row);
    }

private:
    friend class Tx;
    Connection* connection_ = nullptr;
    Connection::Ticket ticket_ = 0;
    std::shared_ptr<std::vector<T>> rows_;  // also the visitor's, which may outlive this
};

class Tx {
public:
    Tx(Connection& connection, core::Time now) : connection_(connection), now_(now) {}
    Tx(const Tx&) = delete;
    Tx& operator=(const Tx&) = delete;

    // The instant this transaction counts as its own; the same through all of it.
    core::Time now() const { return now_; }

    // For statements whose outcome is not looked at here.
    template <class... Args>
    void run(Sql sql, const Args&... args) {
        Param params[] = {param(args)..., Param{}};
        connection_.run_later(sql, {params, sizeof...(args)}, {});
    }

    // For rows that are looked at later, together with those of other statements. What goes wrong with this
    // one is thrown by whoever waits next.
    template <class Row, class... Args>
    Asked<Row> ask(Sql sql, const Args&... args) {
        return ask_as<Row>(std::identity(), sql, args...);
    }
    // Likewise, of what `make` makes of each row.
    template <class Row, class Make, class... Args>
    auto ask_as(Make make, Sql sql, const Args&... args) {
        using T = std::remove_cvref_t<std::invoke_result_t<Make, Row>>;
        Param params[] = {param(args)..., Param{}};
        Asked<T> asked;
        asked.connection_ = &connection_;
        asked.rows_ = std::make_shared<std::vector<T>>();
        auto visit = [make, rows = asked.rows_](const RowView& row) {
            rows->push_back(make(read_row<Row>(row)));
        };
        asked.ticket_ = connection_.run_later(sql, {params, sizeof...(args)}, std::move(visit));
        return asked;
    }

    // Rows changed by an insert, update or delete.
    template <class... Args>
    std::int64_t count_changed(Sql sql, const Args&... args) {
        Param params[] = {param(args)..., Param{}};
        return connection_.run(sql, {params, sizeof...(args)}, {});
    }

    template <class Row, class... Args>
    std::vector<Row> list(Sql sql, const Args&... args) {
        Param params[] = {param(args)..., Param{}};
        std::vector<Row> rows;
        connection_.run(sql, {params, sizeof...(args)},
                        [&](const RowView& row) { rows.push_back(read_row<Row>(row)); });
        return rows;
    }

    // For rows that are not simply one struct each.
    template <class Visitor, class... Args>
    void visit(Visitor visitor, Sql sql, const Args&... args) {
        Param params[] = {param(args)..., Param{}};
        connection_.run(sql, {params, sizeof...(args)}, visitor);
    }

    // The first row, if any.
    template <class Row, class... Args>
    std::optional<Row> find(Sql sql, const Args&... args) {
        Param params[] = {param(args)..., Param{}};
        std::optional<Row> found;
        connection_.run(sql, {params, sizeof...(args)}, [&](const RowView& row) {
            if (!found) found = read_row<Row>(row);
        });
        return found;
    }

    // The first row of a statement that always has one. Throws std::logic_error if it hasn't.
    template <class Row, class... Args>
    Row get(Sql sql, const Args&... args) {
        auto found = find<Row>(sql, args...);
        if (!found) throw std::logic_error("a row that must exist is missing: " + std::string(sql.text()));
        return std::move(*found);
    }

    // Appends to the event log; visible to followers once, and only if, this transaction commits.
    void append_event(std::string type, std::string subject, std::string payload_json = "{}");

    // What was appended so far; the ids are not known yet and stay 0.
    const std::vector<Event>& appended_events() const { return events_; }
    std::vector<Event> take_events() { return std::move(events_); }

private:
    Connection& connection_;
    core::Time now_;
    std::vector<Event> events_;
};

}  // namespace store
