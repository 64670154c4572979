#include "http/router.hpp"

#include "core/text.hpp"

#include <stdexcept>

namespace http {
namespace {

constexpr std::size_t path_segments_max = 12;

// Takes the segment before the next '/' off the front of `path`.
std::string_view take_segment(std::string_view& path) {
    std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    return segment;
}

}  // namespace

Router::Router(const Api& api) {
    for (const Operation& operation : api.operations())
        add(operation);
}

void Router::add(const Operation& operation) {
    Node* node = &root_;
    std::vector<std::string> names;
    std::string_view path = std::string_view(operation.path).substr(1);
    while (!path.empty()) {
        std::string_view segment = take_segment(path);
        if (!segment.starts_with('{')) {
            auto& next = node->literals[std::string(segment)];
            if (!next) next = std::make_unique<Node>();
            node = next.get();
            continue;
        }
        bool takes_rest = segment.ends_with("...}");
        names.emplace_back(segment.substr(1, segment.size() - (takes_rest ? 5 : 2)));
        auto& next = takes_rest ? node->rest : node->parameter;
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    if (!node->operations.emplace(operation.method, std::pair(&operation, std::move(names))).second) {
        throw std::logic_error("two operations claim " + std::string(name_of(operation.method)) + " " +
                               operation.path);
    }
}

const Router::Node* Router::walk(const Node& node, std::string_view path,
                                 std::vector<std::string_view>& values) {
    if (path.empty()) return node.operations.empty() ? nullptr : &node;
    if (values.size() > path_segments_max) return nullptr;
    std::string_view rest = path;
    std::string_view segment = take_segment(rest);
    if (auto literal = node.literals.find(segment); literal != node.literals.end()) {
        if (const Node* found = walk(*literal->second, rest, values)) return found;
    }
    if (node.parameter && !segment.empty()) {
        values.push_back(segment);
        if (const Node* found = walk(*node.parameter, rest, values)) return found;
        values.pop_back();
    }
    if (node.rest) {
        values.push_back(path);
        return node.rest.get();
    }
    return nullptr;
}

Router::Match Router::find(Method method, std::string_view path) const {
    Match match;
    if (path.size() > 1 && path.ends_with('/')) return match;
    std::vector<std::string_view> values;
    const Node* node = path.starts_with('/') ? walk(root_, path.substr(1), values) : nullptr;
    if (!node) return match;
    auto found = node->operations.find(method == Method::head ? Method::get : method);
    if (found == node->operations.end()) {
        for (const auto& entry : node->operations)
            match.allowed.push_back(entry.first);
        return match;
    }
    const auto& [operation, names] = found->second;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto value = percent_decoded(values[i], false);
        if (!value || !core::is_clean_utf8(*value)) return match;
        match.parameters.emplace_back(names[i], std::move(*value));
    }
    match.operation = operation;
    return match;
}

}  // namespace http
