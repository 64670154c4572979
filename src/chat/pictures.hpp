// Pictures in conversations: taken in by media, kept in a folder of chat's own, shown to nobody but those who
// may read the conversation. One is uploaded first and then sent with a message; what isn't sent within a day
// is forgotten.
#pragma once

#include "chat/chat.hpp"
#include "http/api.hpp"
#include "jobs/runner.hpp"

#include <map>

namespace chat {

// What one person may upload: each costs a second of a decoder.
inline constexpr std::int64_t pictures_burst = 20;
inline constexpr std::int64_t pictures_per_hour = 100;
inline constexpr std::chrono::hours unsent_picture_age_max{24};

// Where pictures go to and come from. All of it must outlive the routes.
struct PictureRoom {
    store::Database& database;
    const media::Folder& folder;
    media::Pictures& pictures;
    async::Pool& files;  // reads them
};

void add_picture_routes(http::Api& api, PictureRoom room);

// Whether `caller` may upload one here and now; takes it from their pace. Errors: not_found, forbidden
// between people of whom one has blocked the other, rate_limited.
core::Result<void> admit_picture(store::Tx& tx, const core::Caller& caller, ConversationId id);
// A picture that was taken in.
core::Result<ChatPicture> add_picture(store::Tx& tx, const core::Caller& caller, ConversationId id,
                                      const media::Picture& picture);

// Makes them the message's, in this order. Error: 422 for one that isn't there, isn't the sender's or is sent
// already.
core::Result<void> attach_pictures(store::Tx& tx, const SendMessage& in, MessageId message,
                                   core::UserId sender);
void remove_pictures(store::Tx& tx, MessageId message);
std::map<MessageId, std::vector<ChatPicture>> list_pictures(store::Tx& tx,
                                                            const std::vector<std::string>& message_ids);

enum class PictureSize { thumb, small, medium, large, original };
BOOST_DESCRIBE_ENUM(PictureSize, thumb, small, medium, large, original)

// The name of the file. Error: not_found, also for a picture that somebody else has not sent yet.
core::Result<std::string> find_picture_file(store::Tx& tx, const core::Caller& caller, ConversationId id,
                                            PictureId picture, PictureSize size);

// Those of `files` that a picture is made of.
std::vector<std::string> list_used_picture_files(store::Tx& tx, const std::vector<std::string>& files);
jobs::Schedule forget_unsent_pictures();

}  // namespace chat
