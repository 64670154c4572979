#include "media/media.hpp"

#include "media/confined.hpp"
#include "media/header.hpp"
#include "media/webp.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"
#include "http/form.hpp"

#include <fstream>

namespace media {
namespace {

// What a decoder may use (SE-15): a picture of 50 megapixels needs half of it, a bomb ends there.
constexpr Confinement decoder{280ULL << 20, 256ULL << 20, std::chrono::milliseconds{8000}};
constexpr std::size_t pictures_waiting_max = 32;

constexpr const char* upright = "upright.png";  // the whole picture between decoding and encoding
constexpr int original_side = 4096;             // what is shown when somebody zooms in
constexpr int webp_quality = 82;

struct Size {
    int side;
    std::string RenditionFiles::* file;
};
constexpr Size sizes[] = {
    {200, &RenditionFiles::thumb},
    {400, &RenditionFiles::small},
    {800, &RenditionFiles::medium},
    {1600, &RenditionFiles::large},
    {original_side, &RenditionFiles::original},
};

// Gone with everything in it at the end.
class WorkFolder {
public:
    explicit WorkFolder(const std::filesystem::path& parent)
        : path_(std::filesystem::absolute(parent) / core::to_hex(core::random_bytes<8>())) {
        std::filesystem::create_directories(path_);
    }
    ~WorkFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file, std::size_t bytes_max) {
    std::ifstream in(file, std::ios::binary);
    std::string bytes(bytes_max, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

std::unexpected<core::Error> refuse(std::string code, std::string message) {
    return core::fail_field("/file", std::move(code), std::move(message));
}

core::Result<void> check_header(const std::filesystem::path& file) {
    auto header = read_header(read_file(file, header_bytes));
    if (!header) {
        return core::fail(core::ErrorCode::unsupported_media_type,
                          "This is not a picture that can be shown. Send a JPEG, PNG, WebP, GIF or AVIF.");
    }
    if (header->width == 0 || header->height == 0)
        return refuse("invalid_image", "is broken: it has no size");
    if (header->width > picture_side_max || header->height > picture_side_max)
        return refuse("too_large", "must have at most 16,384 pixels a side");
    if (header->width * header->height > picture_pixels_max)
        return refuse("too_large", "must have at most 50 megapixels");
    return {};
}

// `more`: further words for vipsthumbnail.
core::Result<void> shrink(const std::filesystem::path& folder, const std::string& from,
                          const std::string& size, const std::string& to,
                          const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"vipsthumbnail", from, "-s", size, "-o", (folder / to).string()};
    words.insert(words.end(), more.begin(), more.end());
    switch (run_confined(words, folder, decoder)) {
        case Ending::good:
            if (std::filesystem::exists(folder / to.substr(0, to.find('[')))) return {};
            [[fallthrough]];
        case Ending::bad: return refuse("invalid_image", "is broken or too complex: it can't be decoded");
        case Ending::out_of_time: return refuse("too_complex", "takes too long to decode");
    }
    return {};
}

// "P6 1 1 255" and a pixel, with comments in between: the pixel is the last three bytes.
std::string color_of(const std::filesystem::path& file) {
    const std::string bytes = read_file(file, 1024);
    if (bytes.size() < 3) return "#000000";
    return "#" + core::to_hex(
                     std::span(reinterpret_cast<const unsigned char*>(bytes.data()) + bytes.size() - 3, 3));
}

}  // namespace

Pictures::Pictures(const Folder& store, std::filesystem::path folder, unsigned threads)
    : store_(store), folder_(std::move(folder)), pool_(threads, pictures_waiting_max) {}

void Pictures::start() {
    std::filesystem::remove_all(folder_);
}

boost::asio::awaitable<core::Result<Picture>> Pictures::take(const http::Upload& upload,
                                                             std::string content_type) {
    auto taken = co_await pool_.run([&] { return take_form(upload, content_type); });
    if (!taken) co_return std::unexpected(std::move(taken.error()));
    co_return std::move(*taken);
}

core::Result<Picture> Pictures::take_form(const http::Upload& upload, const std::string& content_type) const {
    auto parts = http::read_form(upload, content_type);
    if (!parts) return std::unexpected(std::move(parts.error()));
    const http::FormPart* file = http::find_part(*parts, "file");
    if (!file || file->size == 0) return refuse("required", "is required: a picture");
    if (file->size > picture_bytes_max)
        return core::fail(core::ErrorCode::body_too_large, "A picture may have 15 MB.");
    std::string alt;
    if (const http::FormPart* part = http::find_part(*parts, "alt")) {
        auto text = http::text_of(upload, *part, 4 * alt_length_max);
        auto checked =
            core::Text<0, alt_length_max>::from_text(text.value_or(std::string(alt_length_max + 1, '?')));
        if (!checked) return core::fail_field("/alt", checked.error().code, checked.error().message);
        alt = checked->str();
    }
    WorkFolder work(folder_);
    const std::filesystem::path copy = work.path() / "upload";
    std::ofstream out(copy, std::ios::binary);
    std::string block(256 * 1024, '\0');
    for (std::uint64_t done = 0; done < file->size;) {
        const auto want = std::min<std::uint64_t>(block.size(), file->size - done);
        const std::size_t size = upload.read(file->offset + done, {block.data(), want});
        out.write(block.data(), static_cast<std::streamsize>(size));
        done += size;
    }
    out.close();
    if (!out) throw std::runtime_error("a picture can't be written to " + work.path().string());
    auto picture = take_file(copy);
    if (picture) picture->alt = std::move(alt);
    return picture;
}

core::Result<Picture> Pictures::take_file(const std::filesystem::path& file) const {
    if (auto fits = check_header(file); !fits) return std::unexpected(std::move(fits.error()));
    WorkFolder work(folder_);
    const std::string side = std::to_string(original_side);
    // The upload is decoded once; everything else is made of what came out of that.
    // Its colours become those of the web, sRGB; without a profile they are taken to be that already.
    auto decoded = shrink(work.path(), std::filesystem::absolute(file).string(), side + "x" + side + ">",
                          std::string(upright) + "[compression=1,strip]", {"-i", "srgb", "-e", "srgb"});
    if (!decoded) return std::unexpected(std::move(decoded.error()));
    const std::string whole = (work.path() / upright).string();
    Picture picture;
    const auto header = read_header(read_file(whole, header_bytes));
    picture.width = static_cast<std::int64_t>(header->width);
    picture.height = static_cast<std::int64_t>(header->height);
    if (auto dot = shrink(work.path(), whole, "1x1!", "dot.ppm"); !dot)
        return std::unexpected(std::move(dot.error()));
    picture.dominant_color = color_of(work.path() / "dot.ppm");
    for (auto [longest, name] : sizes) {
        const std::string target = std::to_string(longest) + ".webp";
        const std::string size = std::to_string(longest) + "x" + std::to_string(longest) + ">";
        auto made =
            shrink(work.path(), whole, size, target + "[strip,Q=" + std::to_string(webp_quality) + "]");
        if (!made) return std::unexpected(std::move(made.error()));
        const std::string bytes = read_file(work.path() / target, picture_bytes_max);
        picture.files.*name = store_.keep(without_metadata(bytes), "webp");
    }
    return picture;
}

}  // namespace media
