#include "core/json_schema.hpp"

#include <stdexcept>

namespace core {

std::string schema_name(std::string_view qualified_type) {
    std::string_view outer = qualified_type.substr(0, qualified_type.find('<'));
    std::string_view name =
        outer.substr(outer.rfind(':') == std::string_view::npos ? 0 : outer.rfind(':') + 1);
    if (outer.size() == qualified_type.size()) return std::string(name);
    std::string_view argument = qualified_type.substr(outer.size() + 1);
    argument.remove_suffix(argument.size() - argument.rfind('>'));
    return schema_name(argument) + std::string(name);
}

bool SchemaBook::open(const std::string& name, std::string_view type) {
    auto [owner, is_new] = owners_.emplace(name, type);
    if (owner->second != type) {
        throw std::logic_error("two structs share the schema name " + name + ": " + owner->second + " and " +
                               std::string(type));
    }
    return is_new;
}

}  // namespace core
