// From a path to the operations that live there. Literal segments win over parameters: /v1/products/export is
// never a product called "export".
#pragma once

#include "http/api.hpp"

#include <map>

namespace http {

class Router {
public:
    // Throws std::logic_error if two operations claim one method and path.
    explicit Router(const Api& api);

    struct Match {
        const Operation* operation = nullptr;  // null: no such path, or not with this method
        std::vector<Method> allowed;           // of a path that exists without this method
        Parameters parameters;                 // decoded
    };
    // HEAD finds what GET finds.
    Match find(Method method, std::string_view path) const;

private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
        std::unique_ptr<Node> parameter;
        std::unique_ptr<Node> rest;  // {name...}
        // Parameter names belong to the operation: two operations may name one segment differently.
        std::map<Method, std::pair<const Operation*, std::vector<std::string>>> operations;
    };

    void add(const Operation& operation);
    static const Node* walk(const Node& node, std::string_view path, std::vector<std::string_view>& values);

    Node root_;
};

}  // namespace http
