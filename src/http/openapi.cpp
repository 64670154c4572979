#include "http/openapi.hpp"

#include "http/privileged.hpp"
#include "http/problem.hpp"

#include <algorithm>

namespace http {
namespace {

using boost::json::array;
using boost::json::object;

// What a reader of /docs needs before the first try. CommonMark.
constexpr std::string_view first_words =
    "A commerce backend: accounts, catalogue, carts, orders, payments and support chat.\n\n"
    "**To try it here:** send `POST /v1/auth/login`, copy `access_token` out of the answer, and paste it\n"
    "under *Authorize*. Browsing, carts and orders need no account.\n\n"
    "Money is in minor units: `1999` with `EUR` is 19.99 €. Lists come in pages: ask again with\n"
    "`next_cursor` as `cursor`. What is refused is answered with a problem document (RFC 9457) that names\n"
    "the member that is wrong. An `Idempotency-Key` makes a second try safe; `If-Match` with an `ETag`\n"
    "changes only what you have seen.";

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

// "POST /v1/orders/{id}/cancel" → "post_orders_id_cancel".
std::string operation_id(const Operation& operation) {
    std::string id = lower(name_of(operation.method));
    for (char c : operation.path.starts_with("/v1") ? operation.path.substr(3) : operation.path) {
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word) {
            id += c;
        } else if (id.back() != '_') {
            id += '_';
        }
    }
    if (id.back() == '_') id.pop_back();
    return id;
}

// OpenAPI has no notation for a last segment that takes the rest of the path.
std::string path_shown(std::string path) {
    if (path.ends_with("...}")) path.replace(path.size() - 4, 3, "");
    return path;
}

bool path_names(const std::string& path, const std::string& name) {
    return path.find("{" + name + "}") != std::string::npos ||
           path.find("{" + name + "...}") != std::string::npos;
}

object parameter(const OperationSchema::Member& member, std::string_view in) {
    object result{{"name", member.name},
                  {"in", in},
                  {"required", in == "path" || member.required},
                  {"schema", member.schema}};
    auto* type = member.schema.if_contains("type");
    if (type && *type == "object") {  // attributes[Color]=Red
        result["style"] = "deepObject";
        result["explode"] = true;
    }
    return result;
}

object header_parameter(std::string_view name, std::string_view description) {
    return {{"name", name},
            {"in", "header"},
            {"required", false},
            {"description", description},
            {"schema", object{{"type", "string"}}}};
}

void add_headers(const Operation& operation, array& parameters) {
    if (operation.method == Method::post && operation.replays) {
        parameters.push_back(
            header_parameter("Idempotency-Key", "The same key and body give the same answer for 24 hours."));
    }
    if (operation.current) {
        parameters.push_back(
            header_parameter("If-Match", "Fails with 412 if the resource has another ETag by now."));
    }
}

// A form with a file and a description of it, or the file itself.
object file_content(const Operation& operation) {
    object content;
    for (const std::string& type : operation.media_types) {
        object schema{{"type", "string"}, {"format", "binary"}};
        if (type == "multipart/form-data") {
            object properties{{"file", schema}, {"alt", object{{"type", "string"}}}};
            schema = {{"type", "object"}, {"properties", properties}, {"required", array{"file"}}};
        }
        content[type] = {{"schema", schema}};
    }
    return content;
}

// Members not named by the path: query parameters or one JSON body.
void add_input(const Operation& operation, const OperationSchema& schema, array& parameters, object& out) {
    object properties;
    array required;
    for (const auto& member : schema.input) {
        if (path_names(operation.path, member.name)) {
            parameters.push_back(parameter(member, "path"));
        } else if (operation.input_in == InputIn::query) {
            parameters.push_back(parameter(member, "query"));
        } else {
            properties[member.name] = member.schema;
            if (member.required) required.emplace_back(member.name);
        }
    }
    if (operation.upload_bytes_max > 0)
        out["requestBody"] = {{"required", true}, {"content", file_content(operation)}};
    if (properties.empty()) return;
    bool body_required = !required.empty();
    object body{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (body_required) body["required"] = std::move(required);
    out["requestBody"] = {{"required", body_required},
                          {"content", object{{"application/json", object{{"schema", body}}}}}};
}

// What a path without a described input names: "{file}".
void add_path_names(std::string_view path, array& parameters) {
    for (std::size_t begin = path.find('{'); begin != path.npos; begin = path.find('{', begin + 1)) {
        std::string name(path.substr(begin + 1, path.find('}', begin) - begin - 1));
        parameters.push_back(parameter({std::move(name), object{{"type", "string"}}, true}, "path"));
    }
}

object responses(const Operation& operation, const OperationSchema& schema) {
    object all;
    object success{{"description", reason_of(operation.status)}};
    if (schema.output) success["content"] = {{"application/json", object{{"schema", *schema.output}}}};
    if (operation.is_html)
        success["content"] = {{"text/html", object{{"schema", object{{"type", "string"}}}}}};
    if (!operation.download_types.empty()) {
        object content;
        for (const std::string& type : operation.download_types)
            content[type] = {{"schema", object{{"type", "string"}}}};
        success["content"] = std::move(content);
    }
    if (operation.kind == Operation::Kind::raw) success["content"] = {{"*/*", object{}}};
    all[std::to_string(operation.status)] = std::move(success);
    const bool is_raw_get = operation.kind == Operation::Kind::raw && operation.method == Method::get;
    if (operation.has_entity_tag || operation.depends_on || is_raw_get) {
        all["304"] = {{"description", "Not Modified"}};
    }
    object problem{
        {"description", "A problem"},
        {"content", object{{"application/problem+json",
                            object{{"schema", object{{"$ref", "#/components/schemas/Problem"}}}}}}}};
    if (operation.may_move) {
        all["301"] = problem;
        all["301"].get_object()["description"] = "It has another address now: see `Location`";
    }
    all["4XX"] = problem;
    all["5XX"] = std::move(problem);
    return all;
}

std::string describe_access(const Access& access) {
    std::string needs;
    if (access.permission)
        needs = "Needs the permission `" + std::string(core::name_of(*access.permission)) + "`. ";
    if (access.staff)
        needs = "With the permission `" + std::string(core::name_of(*access.staff)) + "`: everybody's. ";
    if (access.second_factor)
        needs +=
            "Needs a second factor given in the last minutes (403 `mfa_required`: see /v1/auth/step-up). ";
    if (access.reauthenticated) {
        needs +=
            "Needs a proof given in the last minutes (403 `reauthentication_required`: see "
            "/v1/auth/step-up). ";
    }
    if (!needs.empty()) needs.pop_back();
    return needs;
}

// What the audit log tells of a privileged write.
object describe_audit(const Api& api, const Operation& operation) {
    const Access& access = operation.access;
    object audit{{"permission", core::name_of(access.permission ? *access.permission : *access.staff)},
                 {"always", access.permission.has_value()},
                 {"before", nullptr}};
    if (const Operation* resource = api.resource_of(operation)) audit["before"] = "GET " + resource->path;
    return audit;
}

object describe(const Api& api, const Operation& operation, core::SchemaBook& book) {
    OperationSchema schema;
    if (operation.describe) operation.describe(book, schema);
    object out{{"operationId", operation_id(operation)},
               {"summary", operation.summary},
               {"tags", array{operation.room}}};
    if (auto needs = describe_access(operation.access); !needs.empty()) out["description"] = needs;
    array security;
    if (!operation.access.signed_in) security.push_back(object{});
    bool is_public_file = operation.kind == Operation::Kind::raw && !operation.access.signed_in;
    if (!is_public_file) security.push_back(object{{"bearer", array{}}});
    out["security"] = std::move(security);
    array parameters;
    add_input(operation, schema, parameters, out);
    if (operation.kind == Operation::Kind::raw) add_path_names(path_shown(operation.path), parameters);
    if (operation.kind == Operation::Kind::raw && operation.method == Method::post)
        out["requestBody"] = {{"required", true}, {"content", object{{"*/*", object{}}}}};
    add_headers(operation, parameters);
    if (!parameters.empty()) out["parameters"] = std::move(parameters);
    out["responses"] = responses(operation, schema);
    if (can_be_privileged(operation)) out["x-audited"] = describe_audit(api, operation);
    return out;
}

}  // namespace

std::string openapi_document(const Api& api, std::string_view public_url) {
    core::SchemaBook book;
    object paths;
    std::vector<std::string> rooms;
    for (const Operation& operation : api.operations()) {
        auto& path = paths[path_shown(operation.path)];
        if (path.is_null()) path = object{};
        path.get_object()[lower(name_of(operation.method))] = describe(api, operation, book);
        if (std::ranges::find(rooms, operation.room) == rooms.end()) rooms.push_back(operation.room);
    }
    array tags;
    for (const std::string& room : rooms)
        tags.push_back(object{{"name", room}});
    object schemas = book.components();
    schemas["Problem"] = problem_schema();
    object document{
        {"openapi", "3.1.0"},
        {"info", object{{"title", "Kontor"},
                        {"version", KONTOR_VERSION},
                        {"description", first_words},
                        {"license", object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
        {"servers", array{object{{"url", public_url.empty() ? "/" : public_url}}}},
        {"tags", std::move(tags)},
        {"paths", std::move(paths)},
        {"components",
         object{
             {"schemas", std::move(schemas)},
             {"securitySchemes",
              object{{"bearer", object{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}}};
    return boost::json::serialize(document);
}

}  // namespace http
