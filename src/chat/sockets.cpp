#include "chat/sockets.hpp"

#include "chat/messages.hpp"
#include "chat/view.hpp"

#include "core/json_read.hpp"
#include "core/json_write.hpp"
#include "core/log.hpp"
#include "core/or_throw.hpp"
#include "realtime/typed.hpp"

namespace chat {
namespace {

using boost::asio::awaitable;
using realtime::Socket;

constexpr std::size_t presence_waiting_max = 10'000;  // people who came or went at once, as after a restart
constexpr std::int64_t acquaintances_max =
    500;                                     // who hear that somebody came; of those they talked with last
constexpr std::int64_t first_messages = 50;  // of a client that has none yet
constexpr std::int64_t missed_messages_max = 500;     // in one ack…
constexpr std::size_t missed_bytes_max = 256 * 1024;  // …which has to fit what may wait for a slow client
constexpr std::chrono::milliseconds typing_every{200};
constexpr std::string_view presence_channel = "-nodes#presence#";

struct JoinConversation {
    ConversationId conversation_id;
    std::optional<MessageId> after;
};
BOOST_DESCRIBE_STRUCT(JoinConversation, (), (conversation_id, after))

// `has_more`: ask again, after the last of these.
struct JoinedConversation {
    std::vector<Message> messages;
    bool has_more = false;
    std::vector<core::UserId> online;
};
BOOST_DESCRIBE_STRUCT(JoinedConversation, (), (messages, has_more, online))

struct NewMessage {
    ConversationId conversation_id;
    std::optional<MessageText> text;
    std::optional<ClientId> client_id;
    std::optional<std::vector<PictureId>> picture_ids;
};
BOOST_DESCRIBE_STRUCT(NewMessage, (), (conversation_id, text, client_id, picture_ids))

struct SentMessage {
    Message message;
};
BOOST_DESCRIBE_STRUCT(SentMessage, (), (message))

struct ReadUpTo {
    ConversationId conversation_id;
    MessageId message_id;
};
BOOST_DESCRIBE_STRUCT(ReadUpTo, (), (conversation_id, message_id))

struct TypingNotice {
    ConversationId conversation_id;
    bool active = false;
};
BOOST_DESCRIBE_STRUCT(TypingNotice, (), (conversation_id, active))

struct PresenceNews {
    core::UserId user_id;
    bool online = false;
};
BOOST_DESCRIBE_STRUCT(PresenceNews, (), (user_id, online))

struct TypingNews {
    ConversationId conversation_id;
    core::UserId user_id;
    bool active = false;
};
BOOST_DESCRIBE_STRUCT(TypingNews, (), (conversation_id, user_id, active))

// What a socket said last that somebody types.
struct LastTyping {
    ConversationId conversation_id;
    bool active = false;
    std::chrono::steady_clock::time_point at;
};

core::Result<JoinedConversation> read_missed(store::Tx& tx, const core::Caller& caller,
                                             const JoinConversation& in) {
    if (!queries::find_visible(tx, in.conversation_id, viewer_of(caller)))
        return core::not_found("conversation");
    JoinedConversation joined;
    std::vector<queries::MessageRow> rows;
    if (in.after) {
        auto last = queries::find_message(tx, in.conversation_id, *in.after);
        if (!last) return core::not_found("message in this conversation to go on after");
        rows = queries::list_after(tx, in.conversation_id, last->sequence, missed_messages_max + 1);
        std::size_t bytes = 0;
        std::size_t count = 0;
        while (count < rows.size() && count < missed_messages_max && bytes < missed_bytes_max)
            bytes += rows[count++].text.size();
        joined.has_more = count < rows.size();
        rows.resize(count);
    } else {
        rows = queries::list_before(tx, in.conversation_id, std::numeric_limits<std::int64_t>::max(),
                                    first_messages);
        std::ranges::reverse(rows);
    }
    joined.messages = shown(tx, rows);
    for (const auto& member : queries::list_members(tx, {in.conversation_id.str()}))
        joined.online.push_back(member.user_id);
    return joined;
}

// The room first, then what was missed: a message in between comes twice, which its id tells, and never not
// at all.
awaitable<core::Result<JoinedConversation>> join(const Presence& presence, store::Database& database,
                                                 Socket socket, JoinConversation in) {
    core::Caller caller = socket.caller();
    auto may = co_await store::read(database, [&](store::Tx& tx) {
        return queries::find_visible(tx, in.conversation_id, viewer_of(caller));
    });
    if (!may) co_return std::unexpected(std::move(may.error()));
    if (!*may) co_return core::not_found("conversation");
    socket.join(room_of(in.conversation_id));
    auto joined = co_await store::read(database, [&](store::Tx& tx) { return read_missed(tx, caller, in); });
    if (joined)
        std::erase_if(joined->online, [&](const core::UserId& user) { return !presence.is_online(user); });
    co_return joined;
}

// Only in a conversation that this socket has joined, and not faster than fingers: nobody asks the database
// for it.
void tell_typing(realtime::Namespace& space, Socket& socket, const TypingNotice& in) {
    auto now = std::chrono::steady_clock::now();
    const auto* last = std::any_cast<LastTyping>(&socket.data());
    bool repeats = last && last->conversation_id == in.conversation_id && last->active == in.active;
    if (last && now - last->at < typing_every && (repeats || in.active)) return;
    auto room = room_of(in.conversation_id);
    if (std::ranges::count(socket.rooms(), room) == 0) return;
    socket.data() = LastTyping{in.conversation_id, in.active, now};
    TypingNews news{in.conversation_id, socket.caller().user.value(), in.active};
    space.to(room).except(socket.id()).on_all_nodes().emit("typing", news);
}

}  // namespace

std::string room_of(ConversationId id) {
    return "conversation:" + id.str();
}

Sockets::Sockets(realtime::Hub& hub, store::Database& database, nodes::Words& words, const Settings& settings)
    : space_(hub.of("/")),
      database_(database),
      presence_([this](const core::UserId& user) { return space_.is_online(user); },
                [&words](const NodeWord& word) { words.say(presence_channel, core::to_json(word)); },
                [this](const core::UserId& user) { lookups_.post([this, user] { tell_presence(user); }); }),
      lookups_(1, presence_waiting_max) {
    hearing_ = words.hear(std::string(presence_channel),
                          [this](std::string_view, std::string_view text) { hear(text); });
    space_.on_connect([](Socket& socket) {
        if (socket.caller().may(core::Permission::chat_agent)) socket.join(std::string(agents_room));
    });
    space_.on_presence([this](const core::UserId& user, bool) { presence_.came_or_went(user); });
    realtime::answers(space_, "conversation:join", [this](Socket socket, JoinConversation in) {
        return join(presence_, database_, std::move(socket), in);
    });
    realtime::writes(space_, "message:send", database_,
                     [settings](store::Tx& tx, const core::Caller& caller,
                                const NewMessage& in) -> core::Result<SentMessage> {
                         SendMessage message{in.conversation_id, in.text, in.client_id, in.picture_ids};
                         auto sent = send_message(tx, caller, settings, message);
                         if (!sent) return std::unexpected(std::move(sent.error()));
                         return SentMessage{std::move(*sent)};
                     });
    realtime::writes(
        space_, "message:read", database_,
        [](store::Tx& tx, const core::Caller& caller, const ReadUpTo& in) -> core::Result<realtime::Done> {
            auto marked = mark_read(tx, caller, {in.conversation_id, in.message_id});
            if (!marked) return std::unexpected(std::move(marked.error()));
            return realtime::Done{};
        });
    realtime::hears(space_, "typing",
                    [this](Socket& socket, const TypingNotice& in) { tell_typing(space_, socket, in); });
}

jobs::Schedule Sockets::schedule() {
    return {.name = "chat.presence", .every = presence_beat, .run = [this](store::Tx&) {
                presence_.beat(Presence::Clock::now());
                return false;
            }};
}

void Sockets::hear(std::string_view text) {
    auto word = core::from_json<NodeWord>(text);
    if (word) presence_.hear(*word, Presence::Clock::now());  // else a word of another version, or nobody's
}

// What is true now, which may be other news than those that led here.
void Sockets::tell_presence(const core::UserId& user) {
    try {
        auto others = core::or_throw(store::read_now(database_, [&](store::Tx& tx) {
            return queries::list_acquaintances(tx, user, acquaintances_max);
        }));
        auto news = space_.to(std::string(agents_room));
        for (const auto& other : others)
            news.to(realtime::Namespace::user_room(other));
        news.emit("presence", PresenceNews{user, presence_.is_online(user)});
    } catch (const std::exception& failure) {
        spdlog::warn("chat: nobody heard that {} came or went: {}", user.text(),
                     core::quoted(failure.what()));
    }
}

}  // namespace chat
