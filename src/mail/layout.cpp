#include "mail/layout.hpp"

#include "core/html.hpp"

namespace mail {
namespace {

// Words from outside: only what may stand in text, so that none passes for token_place.
std::string cleaned(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n') out += c;
    }
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (char c : core::html_escaped(cleaned(text))) {
        if (c == '\n') out += "<br>";
        out += c;
    }
    return out;
}

std::string fragment_of(const Link& link) {
    return link.sealed_token.empty() ? std::string() : std::string("#token=") + token_place;
}

struct AsText {
    std::string operator()(const Paragraph& paragraph) const { return cleaned(paragraph.text) + "\n"; }
    std::string operator()(const Link& link) const {
        return cleaned(link.label) + ":\n" + cleaned(link.url) + fragment_of(link) + "\n";
    }
    std::string operator()(const Facts& facts) const {
        std::string out;
        for (const auto& [label, value] : facts.rows)
            out += cleaned(label) + ": " + cleaned(value) + "\n";
        return out;
    }
};

struct AsHtml {
    std::string operator()(const Paragraph& paragraph) const {
        return "<p>" + escaped(paragraph.text) + "</p>\n";
    }
    std::string operator()(const Link& link) const {
        constexpr std::string_view button =
            "display:inline-block;padding:10px 18px;background:#1a1a1a;color:#fff;text-decoration:none;"
            "border-radius:4px";
        return "<p><a style=\"" + std::string(button) + "\" href=\"" + escaped(link.url) + fragment_of(link) +
               "\">" + escaped(link.label) + "</a></p>\n";
    }
    std::string operator()(const Facts& facts) const {
        std::string out = "<table style=\"border-collapse:collapse\">\n";
        for (const auto& [label, value] : facts.rows) {
            out += "<tr><td style=\"padding:4px 16px 4px 0;color:#666\">" + escaped(label) +
                   "</td><td style=\"padding:4px 0\">" + escaped(value) + "</td></tr>\n";
        }
        return out + "</table>\n";
    }
};

template <class Form>
std::string joined(const std::vector<Block>& blocks, std::string_view between) {
    std::string out;
    for (const Block& block : blocks) {
        if (!out.empty()) out += between;
        out += std::visit(Form{}, block);
    }
    return out;
}

}  // namespace

std::string text_of(const std::vector<Block>& blocks) {
    return joined<AsText>(blocks, "\n");
}

std::string html_of(const std::vector<Block>& blocks) {
    return joined<AsHtml>(blocks, "");
}

std::string text_part(std::string_view body, const Settings& settings) {
    std::string text(body);
    text += "\n-- \n" + cleaned(settings.shop_name) + "\n";
    if (!settings.shop_url.empty()) text += cleaned(settings.shop_url) + "\n";
    return text;
}

std::string html_part(std::string_view subject, std::string_view body, const Settings& settings) {
    std::string shop = escaped(settings.shop_name);
    if (!settings.shop_url.empty())
        shop = "<a style=\"color:#666\" href=\"" + escaped(settings.shop_url) + "\">" + shop + "</a>";
    return "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>" + escaped(subject) +
           "</title></head>\n<body style=\"font:16px/1.5 sans-serif;color:#1a1a1a;max-width:36em;margin:2em "
           "auto;padding:0 1em\">\n" +
           std::string(body) + "<p style=\"color:#666;border-top:1px solid #ddd;padding-top:1em\">" + shop +
           "</p>\n</body></html>\n";
}

}  // namespace mail
