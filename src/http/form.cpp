#include "http/form.hpp"

#include <algorithm>

namespace http {
namespace {

constexpr std::size_t boundary_length_max = 70;  // RFC 2046 §5.1.1
constexpr std::size_t parts_max = 20;
constexpr std::size_t part_head_bytes_max = 4096;
constexpr std::size_t window_bytes = 64 * 1024;

std::unexpected<core::Error> malformed(const char* what) {
    return core::fail(core::ErrorCode::validation_failed,
                      std::string("The form can't be read: ") + what + ".");
}

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lowered;
}

// The value of `name=` in a header, quoted or not.
std::optional<std::string> parameter_of(std::string_view header, std::string_view name) {
    const std::string lowered = lower_case(header);
    for (std::size_t at = lowered.find(name); at != lowered.npos; at = lowered.find(name, at + 1)) {
        const bool begins = at > 0 && (lowered[at - 1] == ';' || lowered[at - 1] == ' ');
        std::size_t value = at + name.size();
        if (!begins || value >= header.size() || header[value] != '=') continue;
        ++value;
        if (value < header.size() && header[value] == '"') {
            const std::size_t end = header.find('"', value + 1);
            if (end == header.npos) return {};
            return std::string(header.substr(value + 1, end - value - 1));
        }
        std::string_view rest = header.substr(value);
        return std::string(rest.substr(0, rest.find_first_of("; \t")));
    }
    return {};
}

// Looks for texts in the file through a window, so that a part may be larger than memory.
class Scanner {
public:
    explicit Scanner(const Upload& upload) : upload_(upload), window_(window_bytes, '\0') {}

    // Where `text` begins at or behind `from`; the upload's size if nowhere.
    std::uint64_t find(std::string_view text, std::uint64_t from) {
        while (from + text.size() <= upload_.size()) {
            const std::string_view seen = look(from);
            const std::size_t at = seen.find(text);
            if (at != seen.npos) return from + at;
            if (seen.size() < text.size()) break;
            from += seen.size() - text.size() + 1;
        }
        return upload_.size();
    }

    std::string_view look(std::uint64_t from) {
        return {window_.data(), upload_.read(from, {window_.data(), window_.size()})};
    }

private:
    const Upload& upload_;
    std::string window_;
};

// The name in a part's head; empty if it has none.
std::string name_of_part(std::string_view head) {
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(head.size(), line.size() + 2));
        if (!lower_case(line.substr(0, 20)).starts_with("content-disposition:")) continue;
        return parameter_of(line, "name").value_or("");
    }
    return {};
}

}  // namespace

core::Result<std::vector<FormPart>> read_form(const Upload& upload, std::string_view content_type) {
    const auto boundary = parameter_of(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > boundary_length_max)
        return malformed("its Content-Type has no boundary");
    const std::string delimiter = "--" + *boundary;
    Scanner scanner(upload);
    std::uint64_t at = scanner.find(delimiter, 0);
    std::vector<FormPart> parts;
    for (;;) {
        if (at == upload.size()) return malformed("its end is missing");
        at += delimiter.size();
        const std::string_view seen = scanner.look(at);
        if (seen.starts_with("--")) return parts;
        if (!seen.starts_with("\r\n")) return malformed("a boundary isn't followed by a line end");
        if (parts.size() == parts_max) return malformed("it has too many parts");
        const std::size_t head_end = seen.substr(0, part_head_bytes_max).find("\r\n\r\n");
        if (head_end == seen.npos) return malformed("the head of a part doesn't end");
        FormPart part{name_of_part(seen.substr(2, head_end)), at + head_end + 4, 0};
        at = scanner.find("\r\n" + delimiter, part.offset);
        if (at == upload.size()) return malformed("its end is missing");
        part.size = at - part.offset;
        at += 2;
        parts.push_back(std::move(part));
    }
}

const FormPart* find_part(const std::vector<FormPart>& parts, std::string_view name) {
    auto part = std::ranges::find(parts, name, &FormPart::name);
    return part == parts.end() ? nullptr : &*part;
}

std::optional<std::string> text_of(const Upload& upload, const FormPart& part, std::size_t bytes_max) {
    if (part.size > bytes_max) return {};
    std::string text(part.size, '\0');
    text.resize(upload.read(part.offset, {text.data(), text.size()}));
    return text;
}

}  // namespace http
