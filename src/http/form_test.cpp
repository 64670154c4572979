// Forms as browsers, curl and attackers send them.
#include "http/form.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

struct Form {
    explicit Form(std::string_view body) : upload(std::filesystem::temp_directory_path()) {
        upload.append(body);
    }
    auto read(std::string_view type = "multipart/form-data; boundary=xyz") { return read_form(upload, type); }
    Upload upload;
};

TEST(Form, FindsItsParts) {
    const std::string large(300'000, 'L');
    Form form(
        "preamble\r\n--xyz\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\nA mug\r\n"
        "--xyz\r\nContent-Type: image/png\r\ncontent-disposition: form-data; filename=\"name=x\"; "
        "name=file\r\n"
        "\r\n" +
        large + "\r\n--xy\r\n\r\n--xyz--\r\n");
    auto parts = form.read();
    ASSERT_TRUE(parts) << parts.error().detail;
    ASSERT_EQ(parts->size(), 2u);
    EXPECT_EQ(text_of(form.upload, *find_part(*parts, "alt"), 100), "A mug");
    EXPECT_EQ(text_of(form.upload, *find_part(*parts, "file"), 1 << 20), large + "\r\n--xy\r\n");
    EXPECT_FALSE(text_of(form.upload, *find_part(*parts, "file"), 100)) << "too long";
    EXPECT_EQ(find_part(*parts, "other"), nullptr);
}

TEST(Form, TakesAQuotedBoundary) {
    Form form("--a b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n--a b--");
    auto parts = form.read("multipart/form-data; charset=utf-8; boundary=\"a b\"");
    ASSERT_TRUE(parts) << parts.error().detail;
    EXPECT_EQ(parts->front().size, 0u);
}

TEST(Form, RefusesWhatIsNone) {
    const std::string head = "--xyz\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n";
    for (const std::string& body :
         {std::string(), std::string("--xyz"), std::string("--xyz\r\n"), head, head + "text",
          head + "text\r\n--xyz", std::string("--xyz\r\n" + std::string(10'000, 'h'))})
        EXPECT_FALSE(Form(body).read()) << body.substr(0, 60);
    std::string many;
    for (int i = 0; i < 30; ++i)
        many += head + "\r\n";
    EXPECT_FALSE(Form(many + "--xyz--").read());
    Form good(head + "text\r\n--xyz--");
    EXPECT_TRUE(good.read());
    EXPECT_FALSE(good.read("multipart/form-data"));
    EXPECT_FALSE(good.read("multipart/form-data; boundary=" + std::string(71, 'x')));
}

}  // namespace
}  // namespace http
