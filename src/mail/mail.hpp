// Mail: rooms queue letters inside their transactions, a thread of its own delivers them. A letter exists if,
// and only if, what it tells of was committed; one event is written about once for each kind of letter,
// however often the work runs again; delivery is tried with back-off until it works or is pointless, and
// never holds up a request.
//
//   mail::queue(tx, {.event = "order.placed " + order.id.str(),
//                    .kind = "order_placed",
//                    .to = email,
//                    .subject = mail::OneLine("Your order " + order.number),
//                    .blocks = {mail::Paragraph{"Thank you."}, mail::Facts{{{"Total", "19.99 EUR"}}}}});
#pragma once

#include "mail/message.hpp"

#include "core/id.hpp"
#include "store/database.hpp"

#include <memory>
#include <variant>

namespace mail {

using LetterId = core::Id<"ltr">;

// A letter is a few blocks of plain words; both its forms, text and HTML, are made of them, so that neither
// can say what the other doesn't and nobody escapes by hand. Line breaks in a paragraph stay.
struct Paragraph {
    std::string text;
};
struct Link {
    std::string label;
    std::string url;
    // If given, the letter's secret goes behind the URL as "#token=…": a fragment, which browsers send to
    // nobody. Sealed while it waits, because whoever reads the database must not be able to use it;
    // Settings::unseal opens it.
    std::string sealed_token = {};
};
struct Facts {
    std::vector<std::pair<std::string, std::string>> rows;  // label and value
};
using Block = std::variant<Paragraph, Link, Facts>;

struct Letter {
    std::string event;  // what happened and to what, "order.placed ord_…": told once for each kind
    std::string kind;   // "order_placed": which letter of the event; stands in the log and in file names
    core::Email to;
    OneLine subject;
    std::vector<Block> blocks;  // at most one Link with a token
    std::optional<core::Time> good_until =
        {};  // not delivered later: the token in it is worth nothing any more
};

// Puts the letter into the outbox, to be delivered after the commit. A second one of the same event and kind
// is left out.
void queue(store::Tx& tx, const Letter& letter);

// Takes the words of every letter to this address out of the outbox: its owner asked to be forgotten.
void forget_letters_to(store::Tx& tx, const core::Email& address);

struct Settings {
    core::Email from;
    std::string shop_name = "Kontor";
    std::string shop_url = {};  // ends the letters; may be empty
    // Opens a Link's sealed token. Empty if it can't be opened.
    std::function<std::optional<std::string>(std::string_view sealed)> unseal;
    Deliver deliver;
};

// Owns the thread that delivers. Several nodes on one database share the work: a letter is claimed by one of
// them.
class Sender {
public:
    Sender(Settings settings, store::Database& database);
    ~Sender();

    void start();
    // Breaks off a delivery in progress: that letter is delivered after the next start.
    void stop();

    // Part of Database::on_commit: wakes the thread when a letter was queued.
    void on_commit(std::span<const store::Event> events);

    // Delivers what is due on the calling thread and tells how many letters it tried. For tests.
    std::size_t deliver_due_now();

    // Forgets letters settled a while ago; true if there are more. A schedule's work.
    static bool sweep(store::Tx& tx);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mail
