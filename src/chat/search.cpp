#include "chat/search.hpp"

#include "chat/events.hpp"
#include "chat/view.hpp"

#include "core/json_read.hpp"

#include <algorithm>

namespace chat {
namespace {

constexpr std::size_t indexed_words_max =
    200;  // of one message: 4,000 characters of prose have some 400 different
constexpr std::size_t word_bytes_max = 60;  // of a longer one the beginning counts

// One code point of well-formed UTF-8, moving `at` past it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
    auto lead = static_cast<unsigned char>(text[at++]);
    int tail = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t code = tail == 0 ? lead : lead & (0x3FU >> tail);
    for (; tail > 0 && at < text.size(); --tail)
        code = (code << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    return code;
}

// Small letters of the scripts that have two kinds and are common: Latin, Greek, Cyrillic.
char32_t small(char32_t c) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
        (c >= 0x410 && c <= 0x42F)) {
        return c + 32;
    }
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    bool odd_is_small = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177);
    bool even_is_small = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if ((odd_is_small && c % 2 == 0) || (even_is_small && c % 2 == 1)) return c + 1;
    return c;
}

bool is_letter_or_digit(char32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    bool punctuation = c < 0xC0 || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) ||
                       (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
                       (c >= 0xFF00 && c <= 0xFF0F);
    return !punctuation;
}

bool stands_alone(char32_t c) {
    return c >= 0x3040 && c <= 0x9FFF;
}

void append_utf8(std::string& out, char32_t c) {
    auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0U | (c >> 6U));
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0U | (c >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (c >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

// Runs again for a message that was changed: its words are then others.
void index_message(store::Tx& tx, const store::Event& event) {
    auto payload = core::from_json<MessageEvent>(event.payload);
    auto conversation = ConversationId::from_text(event.subject);
    if (!payload || !conversation) throw std::logic_error("an event of chat is malformed: " + event.type);
    auto row = queries::find_support_message(tx, *conversation, payload->message_id);
    if (!row) return;
    if (event.type != sent_event) tx.run("delete from message_words where message_id = $1", row->id);
    auto words = words_of(row->text);
    if (words.size() > indexed_words_max) words.resize(indexed_words_max);
    for (const auto& word : words) {
        tx.run(
            "insert into message_words (word, message_id) values ($1, $2) on conflict (word, message_id) do "
            "nothing",
            word, row->id);
    }
}

constexpr std::string_view list_order = "-said";

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    auto finish = [&] {
        if (!word.empty() && std::ranges::count(words, word) == 0) words.push_back(word);
        word.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        char32_t c = small(next_code_point(text, at));
        bool part = is_letter_or_digit(c);
        if (!part || stands_alone(c)) finish();
        if (part && word.size() < word_bytes_max) append_utf8(word, c);
        if (stands_alone(c)) finish();
    }
    finish();
    return words;
}

// Walks the longest word, which is likely the rarest, and looks for the others on the way.
core::Result<core::List<Message>> search_messages(store::Tx& tx, const core::Caller&,
                                                  const MessageSearch& in) {
    auto words = words_of(in.q.text());
    if (words.empty() || words.size() > search_words_max) {
        return core::fail(core::ErrorCode::invalid_parameter,
                          "q must have one to " + std::to_string(search_words_max) + " words.");
    }
    auto before = core::place_of(in.cursor, list_order, MessageId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::ranges::iter_swap(words.begin(), std::ranges::max_element(words, {}, &std::string::size));
    std::vector<std::string> others(words.begin() + 1, words.end());
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto ids = tx.list<std::string>(
        "select w.message_id from message_words as w where w.word = $1 and w.message_id < $2 and"
        " (select count(*) from message_words as o where o.message_id = w.message_id and o.word = any($3)) = "
        "$4"
        " order by w.message_id desc limit $5",
        words.front(), *before, others, others.size(), limit + 1);
    auto page = core::page_of(std::move(ids), limit, [](const std::string& last) {
        return core::Cursor{std::string(list_order), "", last};
    });
    auto rows = queries::list_messages(tx, page.data);
    std::ranges::sort(rows, std::ranges::greater{}, &queries::MessageRow::id);
    return core::List<Message>{shown(tx, rows), page.has_more, std::move(page.next_cursor)};
}

jobs::Follower index_messages() {
    return {"chat.index_messages", {std::string(sent_event), std::string(changed_event)}, index_message};
}

}  // namespace chat
