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
    // Runs a statement whose result nobody looks at. It may reach the database later than this call, but
    // before the next run() and before the commit, in order; what goes wrong with it fails the transaction.
    virtual void run_later(Sql sql, std::span<const Param> params) = 0;
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
        connection_.run_later(sql, {params, sizeof...(args)});
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
