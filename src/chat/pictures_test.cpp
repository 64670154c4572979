#include "chat/pictures.hpp"

#include "chat/chat_fixture.hpp"

#include <gtest/gtest.h>

namespace chat {
namespace {

class ChatPictures : public ChatShop {
protected:
    void SetUp() override {
        ChatShop::SetUp();
        asked = ask_support(ann).id;
    }

    // A picture that media has taken in.
    static media::Picture taken(const std::string& name) {
        media::Picture picture;
        picture.width = 900;
        picture.height = 300;
        picture.dominant_color = "#c82828";
        picture.alt = name;
        picture.files = {name + "-t.webp", name + "-s.webp", name + "-m.webp", name + "-l.webp",
                         name + "-o.webp"};
        return picture;
    }
    auto upload(const core::Caller& caller, const std::string& name) {
        return write([&](store::Tx& tx) { return add_picture(tx, caller, asked, taken(name)); });
    }
    auto send_pictures(const core::Caller& caller, std::vector<PictureId> ids,
                       std::optional<std::string> text = {}) {
        SendMessage in{asked, {}, {}, std::move(ids)};
        if (text) in.text = words(*text);
        return write([&, in](store::Tx& tx) { return send_message(tx, caller, settings, in); });
    }
    std::string file(const core::Caller& caller, PictureId id, PictureSize size = PictureSize::thumb) {
        auto found = read([&, id](store::Tx& tx) { return find_picture_file(tx, caller, asked, id, size); });
        return found ? *found : std::string(core::name_of(found.error().code));
    }
    std::vector<std::string> used(const std::vector<std::string>& files) {
        auto found = support::must(read([&](store::Tx& tx) { return list_used_picture_files(tx, files); }));
        std::ranges::sort(found);
        return found;
    }

    ConversationId asked;
};
KONTOR_ON_BOTH_ENGINES(ChatPictures);

TEST_P(ChatPictures, AreSentWithAMessageOrAlone) {
    auto first = support::must(upload(ann, "one"));
    auto second = support::must(upload(ann, "two"));
    auto sent = support::must(send_pictures(ann, {second.id, first.id}, "Broken on both sides"));
    ASSERT_EQ(sent.pictures.size(), 2U);
    EXPECT_EQ(sent.pictures[0].id, second.id) << "in the order of the message";
    EXPECT_EQ(sent.pictures[1].alt, "one");
    EXPECT_EQ(sent.pictures[1].urls.thumb,
              "/v1/conversations/" + asked.str() + "/pictures/" + first.id.str() + "/thumb");
    auto alone = support::must(send_pictures(ann, {support::must(upload(ann, "three")).id}));
    EXPECT_EQ(alone.text, "");
    auto history = support::must(list(mia, {asked, {}, {}, {}}));
    EXPECT_EQ(history.data[0].pictures.size(), 1U);
    EXPECT_EQ(history.data[1].pictures.size(), 2U);
    EXPECT_EQ(support::must(get(mia, asked)).last_message->pictures.size(), 1U);
}

TEST_P(ChatPictures, AreSeenByThoseWhoMayReadTheConversationOnly) {
    auto picture = support::must(upload(ann, "one"));
    EXPECT_EQ(file(ann, picture.id), "one-t.webp");
    EXPECT_EQ(file(ann, picture.id, PictureSize::original), "one-o.webp");
    EXPECT_EQ(file(mia, picture.id), "not_found") << "it isn't sent yet";
    support::must(send_pictures(ann, {picture.id}));
    EXPECT_EQ(file(mia, picture.id, PictureSize::large), "one-l.webp");
    EXPECT_EQ(file(eve, picture.id), "not_found");
    asked = ask_support(eve).id;
    EXPECT_EQ(file(mia, picture.id), "not_found") << "not through another conversation";
}

TEST_P(ChatPictures, BelongToOneMessageOfWhoUploadedThem) {
    auto picture = support::must(upload(ann, "one"));
    auto field = [&](const auto& refused) { return refused.error().fields.at(0).field; };
    EXPECT_EQ(field(send_pictures(mia, {picture.id})), "/picture_ids/0");
    EXPECT_EQ(field(send_pictures(ann, {picture.id, picture.id})), "/picture_ids/1");
    EXPECT_EQ(field(send_pictures(ann, std::vector<PictureId>(5, picture.id))), "/picture_ids");
    EXPECT_EQ(field(send_pictures(ann, {})), "/text");
    EXPECT_TRUE(support::must(list(ann, {asked, {}, {}, {}})).data.empty()) << "a refused message is none";
    support::must(send_pictures(ann, {picture.id}));
    EXPECT_EQ(field(send_pictures(ann, {picture.id})), "/picture_ids/0") << "it is sent already";
    EXPECT_FALSE(upload(eve, "two"));
}

TEST_P(ChatPictures, GoWithTheirMessageAndWhenTheyAreNeverSent) {
    auto kept = support::must(send_pictures(ann, {support::must(upload(ann, "kept")).id}));
    auto gone = support::must(send_pictures(ann, {support::must(upload(ann, "gone")).id}));
    support::must(upload(ann, "unsent"));
    EXPECT_TRUE(support::must(take_back(ann, gone)).pictures.empty());
    EXPECT_EQ(file(ann, gone.pictures[0].id), "not_found");
    auto schedule = forget_unsent_pictures();
    support::must(write([&](store::Tx& tx) { return core::Result<bool>(schedule.run(tx)); }));
    std::vector<std::string> files{"kept-t.webp", "gone-t.webp", "unsent-t.webp"};
    EXPECT_EQ(used(files), (std::vector<std::string>{"kept-t.webp", "unsent-t.webp"})) << "not before a day";
    clock.advance(unsent_picture_age_max + std::chrono::minutes{1});
    support::must(write([&](store::Tx& tx) { return core::Result<bool>(schedule.run(tx)); }));
    EXPECT_EQ(used(files), (std::vector<std::string>{"kept-t.webp"}));
}

TEST_P(ChatPictures, UploadedTooFastAreRefused) {
    auto admit = [&](const core::Caller& caller) {
        return write([&](store::Tx& tx) -> core::Result<bool> {
            auto admitted = admit_picture(tx, caller, asked);
            if (!admitted) return std::unexpected(std::move(admitted.error()));
            return true;
        });
    };
    for (std::int64_t i = 0; i < pictures_burst; ++i)
        support::must(admit(ann));
    EXPECT_EQ(admit(ann).error().code, core::ErrorCode::rate_limited);
    EXPECT_EQ(admit(eve).error().code, core::ErrorCode::not_found);
    EXPECT_TRUE(admit(mia));
}

}  // namespace
}  // namespace chat
