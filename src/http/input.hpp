// Fills an endpoint's input struct from a request: members named in the path from the path, the others from
// the query string (GET, DELETE) or the JSON body (POST, PUT, PATCH, and DELETE where the endpoint says so).
#pragma once

#include "http/message.hpp"

#include "core/json_read.hpp"

#include <charconv>

namespace http {

// Where the members come from that the path doesn't name.
enum class InputIn { query, body };

namespace detail {

// An error in a path segment: what it names can't exist.
inline std::unexpected<core::Error> no_such_resource() {
    return core::fail(core::ErrorCode::not_found, "There is nothing at this address.");
}

inline const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
    for (const auto& [parameter, value] : parameters) {
        if (parameter == name) return &value;
    }
    return nullptr;
}

// What one path segment or parameter can hold.
template <class T>
inline constexpr bool has_text_form = !core::is_vector<T> && !core::is_text_map<T> && !core::is_patch<T> &&
                                      !core::Described<T> && !std::is_same_v<T, boost::json::value>;
template <class T>
inline constexpr bool has_text_form<std::optional<T>> = has_text_form<T>;

// A scalar out of its text form. Lists and objects have none.
template <class T>
core::Checked<T> scalar_from_text(std::string_view text) {
    if constexpr (core::is_optional<T>) {
        auto value = scalar_from_text<typename T::value_type>(text);
        if (!value) return std::unexpected(std::move(value.error()));
        return T(std::move(*value));
    } else if constexpr (std::is_same_v<T, bool>) {
        if (text == "true") return true;
        if (text == "false") return false;
        return std::unexpected(core::Refusal{"wrong_type", "must be true or false"});
    } else if constexpr (core::IntegerValue<T>) {
        std::int64_t number = 0;
        auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failed != std::errc{} || end != text.data() + text.size()) {
            return std::unexpected(core::Refusal{"wrong_type", "must be a whole number"});
        }
        return T::from_integer(number);
    } else if constexpr (std::is_same_v<T, core::Time>) {
        if (auto time = core::from_rfc3339(text)) return *time;
        return std::unexpected(core::Refusal{"invalid_format", "must be an RFC 3339 date-time"});
    } else if constexpr (core::DescribedEnum<T>) {
        return core::detail::enum_from_text<T>(text);
    } else {
        return core::detail::from_text<T>(text);
    }
}

// Takes query parameters out of `pairs` as members claim them; what is left over at the end is unknown.
class QueryReader {
public:
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    explicit QueryReader(Pairs pairs) : pairs_(std::move(pairs)) {}

    template <class M>
    void read(std::string_view name, M& member) {
        if constexpr (core::is_text_map<M>) {  // attributes[Color]=Red
            while (auto given = take_entry(name)) {
                const std::size_t begin = name.size() + 1;
                fill(*given, member[given->first.substr(begin, given->first.size() - begin - 1)]);
            }
        } else if (auto given = take(name)) {
            fill(*given, member);
        } else if constexpr (!core::may_be_absent<M>) {
            refuse(name, "required", "is required");
        }
    }

    // 400 invalid_parameter, if any parameter was refused or nobody claimed it.
    core::Result<void> finish();

private:
    // The parameter of that name, or the first one of a map: "name[…]". One that is given twice is refused.
    std::optional<Pairs::value_type> take(std::string_view name);
    std::optional<Pairs::value_type> take_entry(std::string_view name);

    template <class M>
    void fill(const Pairs::value_type& given, M& member) {
        auto value = scalar_from_text<M>(given.second);
        value ? void(member = std::move(*value))
              : refuse(given.first, value.error().code, value.error().message);
    }
    void refuse(std::string_view name, std::string code, std::string message);

    Pairs pairs_;
    std::vector<core::FieldError> errors_;
};

core::Result<void> check_json_body(const Request& request);
// 415 unless the request's media type is one of these, 422 if there is no body.
core::Result<void> check_upload(const Request& request, const std::vector<std::string>& media_types);

// Members that the path doesn't name, out of the query string.
template <class In>
core::Result<void> read_query(In& input, const Request& request, const Parameters& path_parameters) {
    auto pairs = parse_query(request.query);
    if (!pairs) return std::unexpected(std::move(pairs.error()));
    QueryReader reader(std::move(*pairs));
    core::for_each_member(input, [&](const char* name, auto& member) {
        using M = std::remove_reference_t<decltype(member)>;
        if constexpr (has_text_form<M> || core::is_text_map<M>) {
            if (!find_parameter(path_parameters, name)) reader.read(name, member);
        }
    });
    return reader.finish();
}

}  // namespace detail

// Only the members that the path names; the rest stays empty.
template <class In>
core::Result<In> decode_path(const Parameters& path_parameters) {
    In input;
    bool fits = true;
    core::for_each_member(input, [&](const char* name, auto& member) {
        using M = std::remove_reference_t<decltype(member)>;
        if constexpr (detail::has_text_form<M>) {
            if (const std::string* text = detail::find_parameter(path_parameters, name)) {
                auto value = detail::scalar_from_text<M>(*text);
                fits = fits && value.has_value();
                if (value) member = std::move(*value);
            }
        }
    });
    if (!fits) return detail::no_such_resource();
    return input;
}

// The same for endpoints that take a file; its bytes are not looked at.
template <class In>
core::Result<In> decode_upload(const Request& request, const Parameters& path_parameters,
                               const std::vector<std::string>& media_types) {
    auto input = decode_path<In>(path_parameters);
    if (!input) return input;
    if (auto read = detail::read_query(*input, request, path_parameters); !read)
        return std::unexpected(std::move(read.error()));
    if (auto checked = detail::check_upload(request, media_types); !checked)
        return std::unexpected(std::move(checked.error()));
    input->content_type = request.header("content-type");
    input->upload = request.upload;
    return input;
}

template <class In>
core::Result<In> decode_input(InputIn place, const Request& request, const Parameters& path_parameters) {
    auto input = decode_path<In>(path_parameters);
    if (!input) return input;
    if (place == InputIn::query) {
        auto read = detail::read_query(*input, request, path_parameters);
        if (!read) return std::unexpected(std::move(read.error()));
        return input;
    }
    if (auto checked = detail::check_json_body(request); !checked)
        return std::unexpected(std::move(checked.error()));
    auto document = core::parse_json(request.body.empty() ? std::string_view("{}") : request.body);
    if (!document) return std::unexpected(std::move(document.error()));
    core::FieldErrors errors;
    core::JsonPath root;
    if (!document->is_object()) {
        errors.add(root, "wrong_type", "must be a JSON object");
        return std::unexpected(std::move(errors).to_error());
    }
    core::read_json_object(document->get_object(), *input, root, errors, [&](std::string_view name) {
        return detail::find_parameter(path_parameters, name) != nullptr;
    });
    if (!errors.empty()) return std::unexpected(std::move(errors).to_error());
    return input;
}

}  // namespace http
