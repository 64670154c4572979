#include "bulk/pictures.hpp"

namespace bulk {
namespace {

constexpr std::string_view own_pictures = "/media/";

std::string last_part(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    return std::string(url.substr(url.rfind('/') + 1));
}

// The name of a file of ours, if the address is that of one.
std::optional<std::string> own_file(const std::string& url) {
    const std::size_t at = url.rfind(own_pictures);
    if (at == url.npos) return {};
    std::string name = url.substr(at + own_pictures.size());
    return media::is_file_name(name) ? std::optional(std::move(name)) : std::nullopt;
}

std::optional<std::filesystem::path> find_in(const PictureSource& source, const std::string& url) {
    const std::string name = last_part(url);
    if (!source.taker || name.empty() || name == "." || name == "..") return {};
    auto file = source.folder / name;
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) ? std::optional(std::move(file)) : std::nullopt;
}

}  // namespace

std::vector<ReadyPicture> take_pictures(const PictureSource& source, bool dry_run,
                                        const std::vector<catalog::PutImage>& images, std::int64_t line,
                                        std::vector<ImportIssue>& notes) {
    std::vector<ReadyPicture> ready;
    for (const catalog::PutImage& image : images) {
        const std::string alt = image.alt ? image.alt->str() : "";
        if (auto file = find_in(source, image.url.str())) {
            if (dry_run) continue;
            auto picture = source.taker->take_file(*file);
            if (picture) {
                const std::string name = picture->files.original;
                ready.push_back({name, alt, std::move(*picture)});
            } else {
                notes.push_back({line, "picture_refused", image.url.str() + ": " + picture.error().detail});
            }
        } else if (auto name = own_file(image.url.str())) {
            ready.push_back({std::move(*name), alt, {}});
        } else {
            notes.push_back({line, "picture_left_out",
                             "The picture " + image.url.str() +
                                 " isn't fetched: import from the command line with --pictures FOLDER"});
        }
    }
    return ready;
}

bool add_pictures(store::Tx& tx, core::ProductId product, const std::vector<ReadyPicture>& pictures,
                  std::int64_t line, std::vector<ImportIssue>& notes) {
    bool added = false;
    for (const ReadyPicture& picture : pictures) {
        if (media::has_image(tx, product, picture.file)) continue;
        std::optional<media::NewImage> image;
        if (const auto& taken = picture.taken) {
            image = media::NewImage{product,       picture.file, picture.alt,          taken->width,
                                    taken->height, taken->files, taken->dominant_color};
        } else {
            image = media::find_same_image(tx, product, picture.file);
            if (image) image->alt = picture.alt;
        }
        if (!image) {
            notes.push_back({line, "picture_unknown", "This shop has no picture /media/" + picture.file});
            continue;
        }
        if (media::count_images(tx, product) >= media::images_per_product_max) {
            notes.push_back(
                {line, "pictures_too_many",
                 "A product has at most " + std::to_string(media::images_per_product_max) + " pictures"});
            break;
        }
        media::add_image(tx, *image);
        added = true;
    }
    return added;
}

}  // namespace bulk
