#include "http/api.hpp"

namespace http {

Route Api::add(Method method, std::string path, Access access, std::string summary) {
    Operation& operation = operations_.emplace_back();
    operation.method = method;
    operation.path = std::move(path);
    operation.room = room_;
    operation.summary = std::move(summary);
    operation.access = access;
    bool in_query = method == Method::get || method == Method::del;
    operation.input_in = in_query ? InputIn::query : InputIn::body;
    return Route(operation);
}

void Api::raw(std::string path, std::string summary, RawFunction function) {
    Operation& operation = operations_.emplace_back();
    operation.path = std::move(path);
    operation.room = room_;
    operation.summary = std::move(summary);
    operation.kind = Operation::Kind::raw;
    operation.raw = std::move(function);
}

}  // namespace http
