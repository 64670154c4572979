// Headers of pictures, also those that lie or end too soon.
#include "media/header.hpp"
#include "media/webp.hpp"

#include "media/confined.hpp"

#include <gtest/gtest.h>

namespace media {
namespace {

using namespace std::string_literals;

TEST(MediaHeader, TellsFormatAndSize) {
    struct Case {
        const char* name;
        std::string bytes;
        Format format;
        std::uint64_t width;
        std::uint64_t height;
    };
    const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0"s;
    const std::string jpeg =
        "\xff\xd8\xff\xe0\0\x04zz\xff\xc4\0\x03z\xff\xc2\0\x11\x08\x01\xe0\x02\x80\x03zzzzzz"s;
    const Case cases[] = {
        {"png", png, Format::png, 640, 480},
        {"png cut short", png.substr(0, 12), Format::png, 0, 0},
        {"jpeg", jpeg, Format::jpeg, 640, 480},
        {"jpeg without a frame", jpeg.substr(0, 10), Format::jpeg, 0, 0},
        {"jpeg with junk between segments", "\xff\xd8\xff\xe0\0\x04zzjunk"s + jpeg.substr(8), Format::jpeg,
         640, 480},
        {"gif", "GIF89a\x80\x02\xe0\x01"s, Format::gif, 640, 480},
        {"webp, lossy", "RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x80\x02\xe0\x01"s, Format::webp, 640,
         480},
        {"webp, extended", "RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"s, Format::webp, 640,
         480},
        {"avif",
         "\0\0\0\x1c"
         "ftypavif\0\0ispe\0\0\0\0\0\0\x02\x80\0\0\x01\xe0"s,
         Format::avif, 640, 480},
    };
    for (const Case& c : cases) {
        auto header = read_header(c.bytes);
        ASSERT_TRUE(header) << c.name;
        EXPECT_EQ(header->format, c.format) << c.name;
        EXPECT_EQ(header->width, c.width) << c.name;
        EXPECT_EQ(header->height, c.height) << c.name;
    }
    for (const char* other : {"", "BM", "<svg/>", "%PDF-1.4", "II*", "\xff\xd8", "GIF88a"})
        EXPECT_FALSE(read_header(other)) << other;
}

// SE-15: nothing but pixels.
TEST(WebP, LosesExifAndXmp) {
    const std::string vp8x("VP8X\x0a\0\0\0\x2c\0\0\0\x07\0\0\x07\0\0",
                           18);  // ICC, Exif and XMP are announced
    const std::string plain_vp8x("VP8X\x0a\0\0\0\x20\0\0\0\x07\0\0\x07\0\0", 18);
    const std::string pixels("VP8 \x03\0\0\0abc\0", 12);
    const std::string exif("EXIF\x05\0\0\0where\0", 14);
    const std::string xmp("XMP \x04\0\0\0<x/>", 12);
    auto file = [](const std::string& chunks) {
        std::string head("RIFF\0\0\0\0WEBP", 12);
        head[4] = static_cast<char>(chunks.size() + 4);
        return head + chunks;
    };
    EXPECT_EQ(without_metadata(file(vp8x + pixels + exif + xmp)), file(plain_vp8x + pixels));
    EXPECT_EQ(without_metadata(file(pixels)), file(pixels));
    for (const std::string& broken :
         {file(vp8x + "EXIF\xff\xff"), file("EXIF\xff\xff\xff\xff"), std::string("RIFF")})
        EXPECT_EQ(without_metadata(broken), broken);
}

// SE-15: what decodes a stranger's picture can neither stay, nor grow, nor call home.
TEST(Confined, EndsWhatTakesTooLong) {
    const auto folder = std::filesystem::temp_directory_path();
    const Confinement short_time{64 << 20, 1 << 20, std::chrono::milliseconds{200}};
    EXPECT_EQ(run_confined({"sleep", "20"}, folder, short_time), Ending::out_of_time);
    EXPECT_EQ(run_confined({"true"}, folder, short_time), Ending::good);
    EXPECT_EQ(run_confined({"false"}, folder, short_time), Ending::bad);
    EXPECT_THROW(run_confined({"no-such-program"}, folder, short_time), std::system_error);
}

TEST(Confined, HasLittleMemoryAndNoNetwork) {
    const auto folder = std::filesystem::temp_directory_path();
    const Confinement little{64 << 20, 1 << 20, std::chrono::milliseconds{5000}};
    auto perl = [&](const char* script) { return run_confined({"perl", "-e", script}, folder, little); };
    EXPECT_EQ(perl("exit 0"), Ending::good) << "perl-base is in every Debian";
    EXPECT_EQ(perl("my $x = 'a' x (200 << 20); exit 0"), Ending::bad);
    EXPECT_EQ(perl("socket(my $s, 2, 1, 0) or exit 1; exit 0"), Ending::bad);
    EXPECT_EQ(perl("open(my $f, '>', 'confined-test'); unlink 'confined-test'; print $f 'a' x (2 << 20); "
                   "close($f) or exit 1; exit 0"),
              Ending::bad);
    EXPECT_EQ(perl("exit(exists $ENV{KONTOR_SECRET} ? 1 : 0)"), Ending::good);
}

}  // namespace
}  // namespace media
