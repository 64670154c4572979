// The files of demo/ as structs: what they hold, and where in them something is wrong.
#pragma once

#include "catalog/catalog.hpp"
#include "media/media.hpp"

#include <filesystem>

namespace demo {

struct SourceImage {
    core::Text<1, 300> file;  // below the demo folder
    core::Text<0, 500> alt;
    core::Int<1, 16384> width;
    core::Int<1, 16384> height;
};
BOOST_DESCRIBE_STRUCT(SourceImage, (), (file, alt, width, height))

struct SourceProduct : catalog::NewProduct {
    std::vector<core::Text<1, 1000>> categories;  // "Kitchen > Kettles"
    std::vector<SourceImage> images;
};
BOOST_DESCRIBE_STRUCT(SourceProduct, (catalog::NewProduct), (categories, images))

struct SourceLine {
    std::string place;  // "products.ndjson:12"
    SourceProduct product;
};

// One product a line. Throws std::runtime_error that names the file and line.
std::vector<SourceLine> read_products(const std::filesystem::path& file);

// "Kitchen > Kettles" as its names.
std::vector<std::string> names_of(std::string_view path);

// Copies a picture into the media folder and answers the name it has there. Throws std::runtime_error.
std::string keep_file(const SourceLine& line, const SourceImage& image, const media::Folder& folder,
                      const std::filesystem::path& demo_folder);

// An error in one line: its detail, and the members that were refused.
std::string described(const core::Error& error);

}  // namespace demo
