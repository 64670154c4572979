// The bar for ./dev bench chat: writes to the rows of chat in a loop, and nothing else.
//
//   chat_loop DATABASE MESSAGES-PER-COMMIT SECONDS
//
// Does for each message what the shop does to the database: the sender's pace, the conversation's next place,
// the message, its event; as many of them in one commit as the shop had. Prints messages per second.
#include "chat/chat.hpp"
#include "store/database.hpp"

#include <charconv>
#include <cstdio>

namespace {

constexpr std::size_t conversations = 200;

struct Talk {
    chat::ConversationId id;
    core::UserId user;
    std::int64_t messages = 0;
};

std::vector<Talk> open_conversations(store::Database& database, const core::Clock& clock) {
    std::vector<Talk> talks;
    for (std::size_t i = 0; i < conversations; ++i)
        talks.push_back({chat::ConversationId::at(clock.now()), core::UserId::at(clock.now()), 0});
    auto done = store::write_now(database, [&](store::Tx& tx) {
        for (const Talk& talk : talks) {
            tx.run(
                "insert into conversations (id, kind, status, owner_id, created_at, updated_at)"
                " values ($1, 'support', 'open', $2, $3, $3)",
                talk.id, talk.user, tx.now());
        }
    });
    if (!done) throw std::runtime_error(done.error().detail);
    return talks;
}

void write_message(store::Tx& tx, Talk& talk) {
    std::int64_t sequence = ++talk.messages;
    auto id = chat::MessageId::at(tx.now());
    tx.run(
        "insert into chat_pace (user_id, deed, arrival_at) values ($1, 'message', $2)"
        " on conflict (user_id, deed) do update set arrival_at = excluded.arrival_at",
        talk.user, tx.now());
    tx.run("update conversations set last_sequence = $2, status = 'open', updated_at = $3 where id = $1",
           talk.id, sequence, tx.now());
    tx.run(
        "insert into messages (id, conversation_id, sequence, sender_id, client_id, text, created_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        id, talk.id, sequence, talk.user, std::to_string(sequence), "Is my order on its way?", tx.now());
    tx.append_event("message.sent", talk.id.str(),
                    R"({"message_id":")" + id.str() + R"(","sender_id":")" + talk.user.str() + R"("})");
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return std::fprintf(stderr, "chat_loop DATABASE MESSAGES-PER-COMMIT SECONDS\n"), 2;
    core::start_crypto();
    core::Clock clock;
    auto database = store::Database::open({.url = argv[1]}, clock);
    auto talks = open_conversations(*database, clock);
    const std::int64_t together = std::max<std::int64_t>(1, number(argv[2]));
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(number(argv[3]));
    const auto began = std::chrono::steady_clock::now();
    std::int64_t written = 0;
    while (std::chrono::steady_clock::now() < end) {
        auto done = store::write_now(*database, [&](store::Tx& tx) {
            for (std::int64_t i = 0; i < together; ++i)
                write_message(tx, talks[static_cast<std::size_t>(written + i) % talks.size()]);
        });
        if (!done) return std::fprintf(stderr, "%s\n", done.error().detail.c_str()), 1;
        written += together;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%.0f\n", static_cast<double>(written) / took.count());
}
