// Files of pictures: named by what is in them, and nothing else is ever read.
#include "media/media.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace media {
namespace {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "kontor-media-XXXXXX").string();
        if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

TEST(MediaFolder, KeepsEqualBytesOnce) {
    TemporaryFolder temporary;
    Folder folder(temporary.path() / "media");
    std::string bytes("a picture\0with anything in it", 28);
    std::string name = folder.keep(bytes, "webp");
    EXPECT_TRUE(is_file_name(name)) << name;
    EXPECT_EQ(folder.keep(bytes, "webp"), name);
    EXPECT_NE(folder.keep("another", "webp"), name);
    EXPECT_EQ(folder.find(name), bytes);
    auto files = std::distance(std::filesystem::directory_iterator(temporary.path() / "media"), {});
    EXPECT_EQ(files, 2) << "nothing unfinished is left";
    EXPECT_THROW(folder.keep(bytes, "svg"), std::logic_error);
}

// SE-15: only names of our own making reach the file system.
TEST(MediaFolder, FindsNothingElse) {
    TemporaryFolder temporary;
    Folder folder(temporary.path() / "media");
    Folder outside(temporary.path());
    std::string name = outside.keep("secret", "png");
    for (const std::string& odd : std::initializer_list<std::string>{
             "../" + name, "..%2f" + name, "/etc/passwd", "", ".", "..", ".png", "abc", "abc.svg",
             "abc.png.exe", "ABC.png", "a/b.png", std::string("abc.png\0", 8), std::string(65, 'a') + ".png",
             "abc..png"}) {
        EXPECT_FALSE(is_file_name(odd)) << odd;
        EXPECT_FALSE(folder.find(odd)) << odd;
    }
    EXPECT_FALSE(folder.find("0123456789abcdef.png")) << "a good name of no file";
}

}  // namespace
}  // namespace media
