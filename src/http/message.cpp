#include "http/message.hpp"

#include "http/parts.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"
#include "core/text.hpp"

namespace http {
namespace {

constexpr std::size_t query_pairs_max = 100;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::unexpected<core::Error> bad_query(std::string detail) {
    return core::fail(core::ErrorCode::invalid_parameter, std::move(detail));
}

}  // namespace

std::string_view name_of(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::head: return "HEAD";
        case Method::post: return "POST";
        case Method::put: return "PUT";
        case Method::patch: return "PATCH";
        case Method::del: return "DELETE";
        case Method::options: return "OPTIONS";
        case Method::other: break;
    }
    return "OTHER";
}

std::string_view Request::header(std::string_view name) const {
    for (const Header& candidate : headers) {
        if (candidate.name == name) return candidate.value;
    }
    return {};
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return {};
            int high = hex_value(text[i + 1]);
            int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return {};
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

core::Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        std::string_view key = pair.substr(0, pair.find('='));
        std::string_view value = pair.substr(std::min(pair.size(), key.size() + 1));
        auto name = percent_decoded(key, true);
        auto text = percent_decoded(value, true);
        if (!name || !text) return bad_query("The query string has a broken percent escape.");
        if (!core::is_clean_utf8(*name) || !core::is_clean_utf8(*text)) {
            return bad_query("The query string is not clean UTF-8.");
        }
        if (pairs.size() == query_pairs_max) return bad_query("The query string has too many parameters.");
        pairs.emplace_back(std::move(*name), std::move(*text));
    }
    return pairs;
}

std::string entity_tag(std::string_view body) {
    return core::to_base64url(core::short_fingerprint(body));
}

bool names_tag(std::string_view list, std::string_view etag) {
    while (!list.empty()) {
        std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        while (item.starts_with(' '))
            item.remove_prefix(1);
        while (item.ends_with(' '))
            item.remove_suffix(1);
        if (item == "*") return true;
        if (item.starts_with("W/")) item.remove_prefix(2);
        if (item.size() < 2 || item.front() != '"' || item.back() != '"') continue;
        item = item.substr(1, item.size() - 2);
        if (item.ends_with(gzip_tag_suffix)) item.remove_suffix(gzip_tag_suffix.size());
        if (item == etag) return true;
    }
    return false;
}

void Reply::tag() {
    etag = entity_tag(*body);
    cache_control = "no-cache";
}

void Reply::take(Download download) {
    content_type = download.content_type;
    parts = std::move(download.parts);
    add_header("content-disposition", "attachment; filename=\"" + download.file_name + "\"");
}

Reply Reply::json(unsigned status, std::string body) {
    Reply reply;
    reply.status = status;
    reply.body = std::make_shared<const std::string>(std::move(body));
    return reply;
}

}  // namespace http
