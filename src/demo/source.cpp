#include "demo/source.hpp"

#include "core/json_read.hpp"

#include <fstream>

namespace demo {

std::string described(const core::Error& error) {
    std::string text = error.detail.empty() ? std::string(core::name_of(error.code)) : error.detail;
    for (const core::FieldError& field : error.fields)
        text += "; " + field.field + " " + field.message;
    return text;
}

std::vector<SourceLine> read_products(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error("can't read " + file.string() + ": is the demo folder there?");
    std::vector<SourceLine> lines;
    std::string text;
    for (int number = 1; std::getline(stream, text); ++number) {
        if (text.empty()) continue;
        auto product = core::from_json<SourceProduct>(text);
        const std::string place = file.filename().string() + ":" + std::to_string(number);
        if (!product)
            throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": " +
                                     described(product.error()));
        if (!product->slug || product->variants.empty()) {
            throw std::runtime_error(file.string() + ":" + std::to_string(number) +
                                     ": a slug and a variant are needed");
        }
        lines.push_back({place, std::move(*product)});
    }
    return lines;
}

std::vector<std::string> names_of(std::string_view path) {
    constexpr std::string_view separator = " > ";
    std::vector<std::string> names;
    for (;;) {
        std::size_t end = path.find(separator);
        names.emplace_back(path.substr(0, end));
        if (end == path.npos) return names;
        path.remove_prefix(end + separator.size());
    }
}

std::string keep_file(const SourceLine& line, const SourceImage& image, const media::Folder& folder,
                      const std::filesystem::path& demo_folder) {
    const std::filesystem::path file = demo_folder / image.file.str();
    std::ifstream stream(file, std::ios::binary | std::ios::ate);
    if (!stream) throw std::runtime_error(line.place + ": can't read the picture " + file.string());
    std::string bytes(static_cast<std::size_t>(stream.tellg()), '\0');
    stream.seekg(0);
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    std::string extension = file.extension().string();
    if (!extension.empty()) extension.erase(0, 1);
    return folder.keep(bytes, extension);
}

}  // namespace demo
