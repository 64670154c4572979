// Lists of orders. An engine can only walk an index for a condition that is always there, so there is one
// statement for each condition worth walking by; the others are looked at on the way.
#include "orders/queries.hpp"

#include "orders/rows.hpp"

// Whether an order has a word: as its number, or as the beginning of its e-mail address or of a SKU in it.
#define HAS_WORD(low, high, number)                                                             \
    "(o.number = " number " or (o.email_key >= " low " and o.email_key < " high                 \
    ") or exists (select 1 from order_lines as w where w.order_id = o.id and w.sku_key >= " low \
    " and w.sku_key < " high "))"
#define HAS_WORD_IF_ASKED(low, high, number) \
    " and (cast(" low " as text) is null or " HAS_WORD(low, high, number) ")"
#define FILTERS                                                                                  \
    " and (cast($6 as text) is null or o.user_id = $6)"                                          \
    " and (cast($7 as text) is null or o.status = $7)"                                           \
    " and (cast($8 as text) is null or o.payment_status = $8)"                                   \
    " and (cast($9 as text) is null or o.email_key = $9)" HAS_WORD_IF_ASKED("$10", "$11", "$12") \
        HAS_WORD_IF_ASKED("$13", "$14", "$15") HAS_WORD_IF_ASKED("$16", "$17", "$18")
#define IN_ORDER " order by o.created_at desc, o.number desc limit $5"
#define FILTERED(driver)                                      \
    "select " ORDER_COLUMNS " from orders as o where " driver \
    " o.created_at between $1 and $2 and (o.created_at, o.number) < ($3, $4)" FILTERS IN_ORDER
// The same for few orders, which are sorted: the + keeps both engines from walking by time.
#define SORTED(source)                      \
    "select " ORDER_COLUMNS " from " source \
    " +o.created_at between $1 and $2 and (+o.created_at, +o.number) < ($3, $4)" FILTERS IN_ORDER

namespace orders {
namespace {

constexpr store::Sql by_time = FILTERED("");
constexpr store::Sql by_user = FILTERED("o.user_id = $6 and");
constexpr store::Sql by_email = FILTERED("o.email_key = $9 and");
constexpr store::Sql by_status = FILTERED("o.status = $7 and");
constexpr store::Sql by_payment = FILTERED("o.payment_status = $8 and");
constexpr store::Sql with_number = SORTED("orders as o where o.number = $19 and");
constexpr store::Sql with_email = SORTED("orders as o where o.email_key >= $19 and o.email_key < $20 and");
constexpr store::Sql with_sku = SORTED(
    "(select distinct l.order_number as number from order_lines as l where l.sku_key >= $19 and"
    " l.sku_key < $20) as found join orders as o on o.number = found.number where");

constexpr store::Sql count_emails =
    "select count(*) from (select 1 from orders where email_key >= $1 and email_key < $2 limit $3) as "
    "counted";
constexpr store::Sql count_skus =
    "select count(*) from (select 1 from order_lines where sku_key >= $1 and sku_key < $2 limit $3) as "
    "counted";

constexpr std::size_t words_max = 3;
// So many can be fetched and sorted; a word that more orders have is soon met on a walk by time.
constexpr std::int64_t few = 2000;

// A word as the statements want it: the range of texts that begin with it, and the number that it may be.
struct Word {
    std::optional<std::string> low;
    std::optional<std::string> high;
    std::int64_t number = -1;
};

std::string lowered(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// The text's words, of which orders must have all; at most three are looked at.
std::vector<Word> words_of(const std::optional<std::string>& text) {
    std::vector<Word> words;
    std::string_view rest = text ? std::string_view(*text) : "";
    while (!rest.empty() && words.size() < words_max) {
        std::string word(rest.substr(0, rest.find(' ')));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        if (word.empty()) continue;
        constexpr std::string_view behind_all = "\xF4\x8F\xBF\xBF";  // the last code point there can be
        const std::string low = lowered(word);
        words.push_back({low, low + std::string(behind_all), number_from_text(word).value_or(-1)});
    }
    return words;
}

store::Sql statement_for(const OrderFilter& filter) {
    if (filter.user) return by_user;
    if (filter.email_key) return by_email;
    if (filter.status) return by_status;
    if (filter.payment_status) return by_payment;
    return by_time;
}

using Words = std::array<Word, words_max>;

// `more`: what the statement is driven by.
template <class... More>
std::vector<OrderRow> rows_by(store::Tx& tx, store::Sql sql, const OrderFilter& f, const Words& words,
                              const More&... more) {
    return tx.list<OrderRow>(sql, f.created_from, f.created_to, f.before_created, f.before_number, f.limit,
                             f.user, f.status, f.payment_status, f.email_key, words[0].low, words[0].high,
                             words[0].number, words[1].low, words[1].high, words[1].number, words[2].low,
                             words[2].high, words[2].number, more...);
}

bool is_rare(store::Tx& tx, const Word& word) {
    return tx.get<std::int64_t>(count_emails, *word.low, *word.high, few + 1) <= few &&
           tx.get<std::int64_t>(count_skus, *word.low, *word.high, few + 1) <= few;
}

// The orders that a rare word finds in one of its three meanings, the latest first.
std::vector<OrderRow> rows_with(store::Tx& tx, const OrderFilter& f, const Words& words, const Word& word) {
    auto rows = rows_by(tx, with_email, f, words, word.low, word.high);
    auto add = [&](std::vector<OrderRow> more) {
        for (auto& row : more) {
            if (std::ranges::count(rows, row.id, &OrderRow::id) == 0) rows.push_back(std::move(row));
        }
    };
    add(rows_by(tx, with_sku, f, words, word.low, word.high));
    if (word.number >= 0) add(rows_by(tx, with_number, f, words, word.number));
    std::ranges::sort(rows, [](const OrderRow& a, const OrderRow& b) {
        return std::pair(a.created_at, a.number) > std::pair(b.created_at, b.number);
    });
    if (rows.size() > static_cast<std::size_t>(f.limit)) rows.resize(static_cast<std::size_t>(f.limit));
    return rows;
}

std::vector<OrderRow> rows_matching(store::Tx& tx, const OrderFilter& f) {
    Words words;
    std::ranges::copy(words_of(f.q), words.begin());
    for (const Word& word : words) {
        if (word.low && is_rare(tx, word)) return rows_with(tx, f, words, word);
    }
    return rows_by(tx, statement_for(f), f, words);
}

}  // namespace

std::vector<Order> list_matching(store::Tx& tx, const OrderFilter& filter) {
    return assembled(tx, rows_matching(tx, filter));
}

}  // namespace orders
