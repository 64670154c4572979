#include "chat/pictures.hpp"

#include "chat/messages.hpp"
#include "chat/pace.hpp"

namespace chat {
namespace {

#define PICTURE_COLUMNS "id, conversation_id, message_id, alt, width, height, dominant_color"

constexpr std::int64_t forgotten_at_once = 100;  // in one transaction

struct PictureRow {
    PictureId id;
    ConversationId conversation_id;
    std::optional<MessageId> message_id;
    std::string alt;
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::string dominant_color;
};
BOOST_DESCRIBE_STRUCT(PictureRow, (), (id, conversation_id, message_id, alt, width, height, dominant_color))

ChatPicture to_picture(const PictureRow& row) {
    auto url = [&](PictureSize size) {
        return "/v1/conversations/" + row.conversation_id.str() + "/pictures/" + row.id.str() + "/" +
               boost::describe::enum_to_string(size, "");
    };
    media::ImageUrls urls{url(PictureSize::thumb), url(PictureSize::small), url(PictureSize::medium),
                          url(PictureSize::large), url(PictureSize::original)};
    return {row.id, row.alt, row.width, row.height, row.dominant_color, std::move(urls)};
}

}  // namespace

core::Result<void> admit_picture(store::Tx& tx, const core::Caller& caller, ConversationId id) {
    auto viewer = viewer_of(caller);
    auto conversation = queries::find_visible(tx, id, viewer);
    if (!conversation) return core::not_found("conversation");
    if (conversation->partner_id &&
        queries::is_blocked(tx, conversation->owner_id, *conversation->partner_id))
        return std::unexpected(blocked());
    constexpr std::chrono::milliseconds hour = std::chrono::hours{1};
    return keep_pace(tx, viewer.user, {"picture", pictures_burst, hour / pictures_per_hour});
}

core::Result<ChatPicture> add_picture(store::Tx& tx, const core::Caller& caller, ConversationId id,
                                      const media::Picture& picture) {
    if (!queries::find_visible(tx, id, viewer_of(caller))) return core::not_found("conversation");
    const auto& files = picture.files;
    PictureRow row{PictureId::at(tx.now()), id, {}, picture.alt, picture.width, picture.height,
                   picture.dominant_color};
    tx.run(
        "insert into chat_pictures (id, conversation_id, uploaded_by, alt, width, height, dominant_color, "
        "thumb,"
        " small, medium, large, original, created_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        row.id, id, caller.user.value(), row.alt, row.width, row.height, row.dominant_color, files.thumb,
        files.small, files.medium, files.large, files.original, tx.now());
    for (const auto& file : {files.thumb, files.small, files.medium, files.large, files.original}) {
        tx.run("insert into chat_picture_files (file, picture_id) values ($1, $2) on conflict do nothing",
               file, row.id);
    }
    return to_picture(row);
}

core::Result<void> attach_pictures(store::Tx& tx, const SendMessage& in, MessageId message,
                                   core::UserId sender) {
    const auto& ids = in.picture_ids.value();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        bool is_free = tx.count_changed(
                           "update chat_pictures set message_id = $1, position = $2 where id = $3"
                           " and conversation_id = $4 and uploaded_by = $5 and message_id is null",
                           message, i, ids[i], in.id, sender) == 1;
        if (!is_free) {
            return core::fail_field("/picture_ids/" + std::to_string(i), "not_found",
                                    "You have no unsent picture of this id here: upload it again.");
        }
    }
    return {};
}

void remove_pictures(store::Tx& tx, MessageId message) {
    tx.run("delete from chat_pictures where message_id = $1", message);
}

std::map<MessageId, std::vector<ChatPicture>> list_pictures(store::Tx& tx,
                                                            const std::vector<std::string>& message_ids) {
    std::map<MessageId, std::vector<ChatPicture>> pictures;
    if (message_ids.empty()) return pictures;
    for (const auto& row :
         tx.list<PictureRow>("select " PICTURE_COLUMNS " from chat_pictures where message_id = any($1)"
                             " order by message_id, position",
                             message_ids))
        pictures[*row.message_id].push_back(to_picture(row));
    return pictures;
}

core::Result<std::string> find_picture_file(store::Tx& tx, const core::Caller& caller, ConversationId id,
                                            PictureId picture, PictureSize size) {
    auto viewer = viewer_of(caller);
    std::optional<std::string> file;
    if (queries::find_visible(tx, id, viewer)) {
        file = tx.find<std::string>(
            "select case $4 when 'thumb' then thumb when 'small' then small when 'medium' then medium"
            " when 'large' then large else original end from chat_pictures"
            " where id = $1 and conversation_id = $2 and (message_id is not null or uploaded_by = $3)",
            picture, id, viewer.user, size);
    }
    if (!file) return core::not_found("picture");
    return std::move(*file);
}

std::vector<std::string> list_used_picture_files(store::Tx& tx, const std::vector<std::string>& files) {
    return tx.list<std::string>("select distinct file from chat_picture_files where file = any($1)", files);
}

std::vector<std::string> list_picture_files(store::Tx& tx) {
    return tx.list<std::string>("select distinct file from chat_picture_files order by file");
}

jobs::Schedule forget_unsent_pictures() {
    return {"chat.unsent_pictures", std::chrono::hours{1}, [](store::Tx& tx) {
                return tx.count_changed(
                           "delete from chat_pictures where id in (select id from chat_pictures"
                           " where message_id is null and created_at < $1 order by created_at limit $2)",
                           tx.now() - unsent_picture_age_max, forgotten_at_once) == forgotten_at_once;
            }};
}

}  // namespace chat
