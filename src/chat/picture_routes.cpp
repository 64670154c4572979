// The HTTP surface of pictures in conversations.
#include "chat/pictures.hpp"

#include "http/problem.hpp"

namespace chat {
namespace {

// A form has a head and a few words beside the picture.
constexpr std::uint64_t form_bytes_max = media::picture_bytes_max + 64 * 1024;

struct NewChatPicture {
    ConversationId id;
    std::shared_ptr<const http::Upload> upload;  // a form with `file` and `alt`
    std::string content_type;
    media::Picture picture;  // what take_picture() makes of it
};
BOOST_DESCRIBE_STRUCT(NewChatPicture, (), (id))

// The picture is decoded between two transactions; its files without a row are swept away if the second
// fails.
boost::asio::awaitable<core::Result<void>> take_picture(PictureRoom room, const core::Caller& caller,
                                                        NewChatPicture& in) {
    auto admit = [&](store::Tx& tx) { return admit_picture(tx, caller, in.id); };
    auto admitted = co_await store::write(room.database, admit);
    if (!admitted) co_return std::unexpected(std::move(admitted.error()));
    auto picture = co_await room.pictures.take(*in.upload, in.content_type);
    if (!picture) co_return std::unexpected(std::move(picture.error()));
    in.picture = std::move(*picture);
    co_return core::Result<void>{};
}

// What the path names, or empty if it names no picture.
struct PictureAddress {
    ConversationId conversation;
    PictureId picture;
    PictureSize size = PictureSize::original;
};
std::optional<PictureAddress> address_of(const http::Parameters& path) {
    PictureAddress address;
    for (const auto& [name, value] : path) {
        if (name == "id") address.conversation = ConversationId::from_text(value).value_or(ConversationId{});
        if (name == "picture_id") address.picture = PictureId::from_text(value).value_or(PictureId{});
        if (name == "size" && !boost::describe::enum_from_string(value.c_str(), address.size)) return {};
    }
    if (!address.conversation || !address.picture) return {};
    return address;
}

http::Reply no_picture(const http::Request& request) {
    return http::problem(core::not_found("picture").error(), request.request_id);
}

// A file never changes; whoever may have seen it once may keep it.
http::Reply picture_reply(const std::string& name, std::string bytes) {
    http::Reply reply;
    reply.content_type = "image/webp";
    reply.cache_control = "private, max-age=31536000, immutable";
    reply.content_security_policy = "sandbox; default-src 'none'";
    reply.etag = name.substr(0, name.find('.'));
    reply.compressible = false;
    reply.body = std::make_shared<const std::string>(std::move(bytes));
    return reply;
}

boost::asio::awaitable<http::Reply> show_picture(PictureRoom room, const http::Request& request,
                                                 const core::Caller& caller,
                                                 std::optional<PictureAddress> wanted) {
    if (!wanted) co_return no_picture(request);
    auto look = [&](store::Tx& tx) {
        return find_picture_file(tx, caller, wanted->conversation, wanted->picture, wanted->size);
    };
    auto name = co_await store::read(room.database, look);
    if (!name) co_return http::problem(name.error(), request.request_id);
    auto read = [&] { return room.folder.find(*name); };
    auto bytes = co_await room.files.run(read);
    if (!bytes) co_return http::problem(bytes.error(), request.request_id);
    if (!*bytes) co_return no_picture(request);
    co_return picture_reply(*name, std::move(**bytes));
}

}  // namespace

void add_picture_routes(http::Api& api, PictureRoom room) {
    api.post("/v1/conversations/{id}/pictures", http::signed_in,
             "Upload a picture to send with a message (JPEG, PNG, WebP, GIF or AVIF, 15 MB, 50 megapixels)")
        .answers(201)
        .takes({"multipart/form-data"}, form_bytes_max)
        .writes([](store::Tx& tx, const core::Caller& caller, const NewChatPicture& in) {
            return add_picture(tx, caller, in.id, in.picture);
        })
        .prepared_by<NewChatPicture>([room](const core::Caller& caller, NewChatPicture& in) {
            return take_picture(room, caller, in);
        });
    api.raw("/v1/conversations/{id}/pictures/{picture_id}/{size}", http::signed_in,
            "Look at a picture: thumb, small, medium, large or original",
            [room](const http::Request& request, const core::Caller& caller, const http::Parameters& path) {
                return show_picture(room, request, caller, address_of(path));
            });
}

}  // namespace chat
