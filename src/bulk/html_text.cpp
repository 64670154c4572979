#include "bulk/html_text.hpp"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace bulk {
namespace {

constexpr std::array blocks = {"p",       "div",     "ul",         "ol",     "li",    "br",    "h1",  "h2",
                               "h3",      "h4",      "h5",         "h6",     "tr",    "table", "dl",  "dt",
                               "dd",      "hr",      "blockquote", "pre",    "td",    "th",    "nav", "main",
                               "section", "article", "header",     "footer", "figure"};
constexpr std::array unseen = {"script",   "style",    "head",   "title",
                               "template", "noscript", "iframe", "object"};

std::string_view name_of(const xmlNode* node) {
    return node->type == XML_ELEMENT_NODE ? reinterpret_cast<const char*>(node->name) : "";
}

bool is_one_of(std::string_view name, const auto& names) {
    return std::ranges::find(names, name) != names.end();
}

class Writer {
public:
    void line() {
        while (text_.ends_with(' '))
            text_.pop_back();
        if (!text_.empty() && !text_.ends_with('\n')) text_ += '\n';
    }
    // White space of a page is one space wherever it stands.
    void words(std::string_view words) {
        for (char c : words) {
            const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
            if (!space) {
                text_ += c;
            } else if (!text_.empty() && text_.back() != ' ' && text_.back() != '\n') {
                text_ += ' ';
            }
        }
    }
    std::string finish() {
        while (text_.ends_with(' ') || text_.ends_with('\n'))
            text_.pop_back();
        return std::move(text_);
    }

private:
    std::string text_;
};

// Without recursion: strangers decide how deep a page is.
void write(const xmlNode* root, Writer& writer) {
    const xmlNode* node = root;
    while (node) {
        const std::string_view name = name_of(node);
        if (is_one_of(name, blocks)) writer.line();
        if (name == "li") writer.words("- ");
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            writer.words(reinterpret_cast<const char*>(node->content));
        const bool enters = node->type == XML_ELEMENT_NODE && node->children && !is_one_of(name, unseen);
        if (enters) {
            node = node->children;
            continue;
        }
        while (node && node != root && !node->next) {
            node = node->parent;
            if (node && is_one_of(name_of(node), blocks)) writer.line();
        }
        if (!node || node == root) return;
        if (is_one_of(name_of(node), blocks)) writer.line();
        node = node->next;
    }
}

}  // namespace

std::string text_of_html(const std::string& html) {
    if (html.find_first_not_of(" \t\r\n") == html.npos) return {};
    const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
    std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document(
        htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr, "UTF-8", options), xmlFreeDoc);
    Writer writer;
    if (document) {
        if (const xmlNode* root = xmlDocGetRootElement(document.get())) write(root, writer);
    }
    return writer.finish();
}

}  // namespace bulk
