#include "http/head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace http {
namespace {

using core::ErrorCode;

constexpr std::size_t method_length_max = 32;
constexpr std::size_t content_length_digits_max = 18;  // fits 64 bits

std::unexpected<Refused> refuse(std::string_view detail) {
    return std::unexpected(Refused{400, ErrorCode::bad_request, detail});
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// tchar, RFC 9110 §5.6.2.
constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> table{};
    for (char c :
         std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}();
bool is_token_character(char c) {
    return token_characters[static_cast<unsigned char>(c)];
}

// field-vchar, SP and HTAB, RFC 9110 §5.5.
bool is_value_character(char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
    return std::ranges::equal(a, lower, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

// A comma-separated list holds `lower`, ignoring case.
bool lists_token(std::string_view list, std::string_view lower) {
    while (!list.empty()) {
        std::string_view item = list.substr(0, list.find(','));
        if (equals_ignoring_case(trimmed(item), lower)) return true;
        list.remove_prefix(std::min(list.size(), item.size() + 1));
    }
    return false;
}

Method method_from(std::string_view name) {
    constexpr Method methods[] = {Method::get,   Method::head, Method::post,   Method::put,
                                  Method::patch, Method::del,  Method::options};
    for (Method method : methods) {
        if (name_of(method) == name) return method;
    }
    return Method::other;
}

// uri-host [ ":" port ], RFC 9110 §7.2.
bool is_host(std::string_view host) {
    std::size_t end_of_name = 0;
    if (host.starts_with('[')) {
        end_of_name = host.find(']');
        if (end_of_name == std::string_view::npos || end_of_name < 3) return false;
        auto address = host.substr(1, end_of_name - 1);
        if (address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
        ++end_of_name;
    } else {
        end_of_name = std::min(host.find(':'), host.size());
        auto name = host.substr(0, end_of_name);
        if (name.empty()) return false;
        for (char c : name) {
            if (!is_alpha(c) && !is_digit(c) &&
                std::string_view("-._~%!$&'()*+;=").find(c) == std::string_view::npos) {
                return false;
            }
        }
    }
    auto port = host.substr(end_of_name);
    if (port.empty()) return true;
    return port.front() == ':' && port.size() <= 6 && std::ranges::all_of(port.substr(1), is_digit);
}

// Drops "http://host" of the absolute form (RFC 9112 §3.2.2). False if what is left is not a path.
bool to_origin_form(std::string_view& target, Method method) {
    if (target.starts_with("http://") || target.starts_with("https://")) {
        std::size_t authority = target.find("//") + 2;
        std::size_t path = target.find_first_of("/?", authority);
        if (!is_host(target.substr(authority, path - authority))) return false;
        target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    if (target == "*") return method == Method::options;
    return target.starts_with('/');
}

std::expected<void, Refused> read_request_line(std::string_view line, Request& request, bool& is_http_1_0) {
    std::size_t first = line.find(' ');
    std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refuse("The request line is malformed.");
    std::string_view method = line.substr(0, first);
    std::string_view target = line.substr(first + 1, last - first - 1);
    std::string_view version = line.substr(last + 1);
    if (method.empty() || method.size() > method_length_max ||
        !std::ranges::all_of(method, is_token_character)) {
        return refuse("The request method is malformed.");
    }
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7])) {
        return refuse("The request line is malformed.");
    }
    if (version[5] != '1') {
        return std::unexpected(Refused{505, ErrorCode::http_version_not_supported, "Speak HTTP/1.1."});
    }
    is_http_1_0 = request.is_http_1_0 = version[7] == '0';
    auto is_target_character = [](char c) { return c > 0x20 && c < 0x7F && c != '#'; };
    request.method_name = method;
    request.method = method_from(method);
    if (!std::ranges::all_of(target, is_target_character) || !to_origin_form(target, request.method)) {
        return refuse("The request target is malformed.");
    }
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    request.query = target.substr(std::min(target.size(), request.path.size() + 1));
    return {};
}

// What the headers say about framing, gathered while they are read; a second one of a kind is refused.
struct FramingHeaders {
    std::optional<std::string_view> host;
    std::optional<std::string_view> content_length;
    std::optional<std::string_view> transfer_encoding;
    std::string_view connection;
    std::string_view expect;
};

std::expected<void, Refused> note_framing(const Header& header, FramingHeaders& framing) {
    auto once = [&](std::optional<std::string_view>& slot) -> std::expected<void, Refused> {
        if (slot) return refuse("A framing header is there twice.");
        slot = header.value;
        return {};
    };
    if (header.name == "host") return once(framing.host);
    if (header.name == "content-length") return once(framing.content_length);
    if (header.name == "transfer-encoding") return once(framing.transfer_encoding);
    if (header.name == "connection") framing.connection = header.value;
    if (header.name == "expect") framing.expect = header.value;
    return {};
}

std::expected<Head, Refused> decide_body(const FramingHeaders& framing, bool is_http_1_0) {
    Head head;
    if (framing.transfer_encoding) {
        if (framing.content_length) return refuse("Content-Length and Transfer-Encoding exclude each other.");
        if (is_http_1_0 || !equals_ignoring_case(*framing.transfer_encoding, "chunked")) {
            return refuse("The only Transfer-Encoding taken is chunked.");
        }
        head.body = Head::Body::chunked;
    }
    if (framing.content_length) {
        std::string_view digits = *framing.content_length;
        if (digits.empty() || digits.size() > content_length_digits_max ||
            !std::ranges::all_of(digits, is_digit)) {
            return refuse("Content-Length is not a number.");
        }
        std::from_chars(digits.data(), digits.data() + digits.size(), head.content_length);
        head.body = head.content_length > 0 ? Head::Body::sized : Head::Body::none;
    }
    if (!framing.expect.empty()) {
        if (!equals_ignoring_case(framing.expect, "100-continue")) {
            return std::unexpected(
                Refused{417, ErrorCode::bad_request, "The only expectation met is 100-continue."});
        }
        head.expects_continue = head.body != Head::Body::none && !is_http_1_0;
    }
    return head;
}

}  // namespace

bool is_header_line(std::string_view line) {
    std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return false;
    return std::ranges::all_of(line.substr(0, colon), is_token_character) &&
           std::ranges::all_of(line.substr(colon + 1), is_value_character);
}

std::expected<Head, Refused> read_head(std::span<char> bytes, const Limits& limits, Request& request) {
    std::string_view all(bytes.data(), bytes.size());
    std::size_t at = all.find("\r\n");
    if (at > limits.line_bytes_max) {
        return std::unexpected(Refused{414, ErrorCode::target_too_long, "The request line is too long."});
    }
    bool is_http_1_0 = false;
    if (auto line = read_request_line(all.substr(0, at), request, is_http_1_0); !line) {
        return std::unexpected(line.error());
    }
    request.headers.clear();
    FramingHeaders framing;
    for (at += 2; !all.substr(at).starts_with("\r\n");) {
        std::size_t end = all.find("\r\n", at);
        std::string_view line = all.substr(at, end - at);
        if (line.size() > limits.line_bytes_max || request.headers.size() == limits.headers_max) {
            return std::unexpected(
                Refused{431, ErrorCode::headers_too_large, "The headers are too large or too many."});
        }
        if (!is_header_line(line)) return refuse("A header line is malformed.");
        std::size_t colon = line.find(':');
        for (char& c : bytes.subspan(at, colon)) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        }
        Header header{line.substr(0, colon), trimmed(line.substr(colon + 1))};
        if (auto noted = note_framing(header, framing); !noted) return std::unexpected(noted.error());
        request.headers.push_back(header);
        at = end + 2;
    }
    if (framing.host ? !is_host(*framing.host) : !is_http_1_0)
        return refuse("The Host header is missing or malformed.");
    request.keep_alive = !is_http_1_0 && !lists_token(framing.connection, "close");
    return decide_body(framing, is_http_1_0);
}

}  // namespace http
