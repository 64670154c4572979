// JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it) of described structs, out of the same declarations that
// read and write them.
#pragma once

#include "core/described.hpp"
#include "core/json_read.hpp"
#include "core/time.hpp"

#include <boost/json/array.hpp>
#include <boost/type_index.hpp>

namespace core {

// "orders::Order" → "Order", "core::List<orders::Order>" → "OrderList".
std::string schema_name(std::string_view qualified_type);

// Whether a schema describes what a client may send or what the server answers: answers carry every member.
enum class Direction { request, answer };

// Collects the schemas of named structs for `components/schemas`. Throws std::logic_error if two different
// structs would share a name.
class SchemaBook {
public:
    template <class T>
    boost::json::object of(Direction direction);

    const boost::json::object& components() const { return components_; }

private:
    // True if the component must be filled in by the caller.
    bool open(const std::string& name, std::string_view type);

    boost::json::object components_;
    std::map<std::string, std::string> owners_;
};

namespace detail {

inline boost::json::object nullable(boost::json::object schema) {
    if (auto* type = schema.if_contains("type"); type && type->is_string()) {
        schema["type"] = boost::json::array{*type, "null"};
        return schema;
    }
    return {{"anyOf", boost::json::array{schema, boost::json::object{{"type", "null"}}}}};
}

}  // namespace detail

template <class T>
boost::json::object SchemaBook::of(Direction direction) {
    using boost::json::object;
    if constexpr (is_optional<T>) {
        return detail::nullable(of<typename T::value_type>(direction));
    } else if constexpr (is_variant<T>) {
        boost::json::array forms;
        boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, T>>(
            [&](auto form) { forms.push_back(of<typename decltype(form)::type>(direction)); });
        return {{"oneOf", std::move(forms)}};
    } else if constexpr (is_patch<T>) {
        return detail::nullable(of<typename decltype(T::value)::value_type>(direction));
    } else if constexpr (is_vector<T>) {
        object schema{{"type", "array"}, {"items", of<typename T::value_type>(direction)}};
        if (direction == Direction::request) schema["maxItems"] = json_array_items_max;
        return schema;
    } else if constexpr (is_text_map<T>) {
        return {{"type", "object"}, {"additionalProperties", of<typename T::mapped_type>(direction)}};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<T>) {
        return {{"type", "integer"}};
    } else if constexpr (std::is_same_v<T, std::string>) {
        return {{"type", "string"}};
    } else if constexpr (std::is_same_v<T, Time>) {
        return {{"type", "string"}, {"format", "date-time"}};
    } else if constexpr (std::is_same_v<T, boost::json::value>) {
        return {};
    } else if constexpr (std::is_same_v<T, boost::json::object>) {
        return {{"type", "object"}};
    } else if constexpr (DescribedEnum<T>) {
        boost::json::array names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
            [&](auto e) { names.emplace_back(e.name); });
        return {{"type", "string"}, {"enum", std::move(names)}};
    } else if constexpr (requires { T::prefix; }) {
        std::string pattern = "^" + std::string(T::prefix) + "_[0-7][0-9A-HJKMNP-TV-Z]{25}$";
        return {{"type", "string"}, {"pattern", pattern}};
    } else if constexpr (requires { T::schema(); }) {
        return T::schema();
    } else {
        static_assert(Described<T>);
        std::string type = boost::typeindex::type_id<T>().pretty_name();
        // One struct may go both ways under different rules: what comes in is a schema of its own.
        std::string name = schema_name(type) + (direction == Direction::request ? "Input" : "");
        if (open(name, type)) {
            object properties;
            boost::json::array required;
            T sample{};
            for_each_member(sample, [&](const char* member_name, auto& member) {
                using M = std::remove_reference_t<decltype(member)>;
                properties[member_name] = of<M>(direction);
                if (direction == Direction::answer || !may_be_absent<M>) required.emplace_back(member_name);
            });
            object schema{{"type", "object"}, {"properties", std::move(properties)}};
            if (!required.empty()) schema["required"] = std::move(required);
            if (direction == Direction::request) schema["additionalProperties"] = false;
            components_[name] = std::move(schema);
        }
        return {{"$ref", "#/components/schemas/" + name}};
    }
}

}  // namespace core
