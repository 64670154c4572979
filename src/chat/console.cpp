#include "chat/console.hpp"

KONTOR_EMBED(kontor_chat_page, KONTOR_CHAT_DIR "/index.html.gz");
KONTOR_EMBED(kontor_chat_style, KONTOR_CHAT_DIR "/console.css.gz");
KONTOR_EMBED(kontor_chat_script, KONTOR_CHAT_DIR "/console.js.gz");

namespace chat {

std::optional<http::Asset> find_console_asset(std::string_view name) {
    if (name.empty()) return http::Asset{http::html, {kontor_chat_page, kontor_chat_page_end}};
    if (name == "console.css")
        return http::Asset{http::stylesheet, {kontor_chat_style, kontor_chat_style_end}};
    if (name == "console.js") return http::Asset{http::script, {kontor_chat_script, kontor_chat_script_end}};
    return std::nullopt;
}

}  // namespace chat
