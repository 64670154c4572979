#include "http/api.hpp"

namespace http {

Route& Route::answers_files(std::vector<std::string> media_types) {
    operation_.download_types = std::move(media_types);
    operation_.dress = [](const Request&, store::Box& output, Reply& reply) {
        reply.take(std::move(output.as<Download>()));
    };
    return *this;
}

Route& Route::may_move() {
    operation_.may_move = true;
    return *this;
}

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

void Api::raw_post(std::string path, std::string summary, RawFunction function) {
    raw(std::move(path), std::move(summary), std::move(function));
    operations_.back().method = Method::post;
    operations_.back().replays = false;
}

void Api::raw(std::string path, std::string summary, RawFunction function) {
    raw(std::move(path), everyone, std::move(summary),
        [function = std::move(function)](const Request& request, const core::Caller&,
                                         const Parameters& path_parameters) {
            return function(request, path_parameters);
        });
}

void Api::raw(std::string path, Access access, std::string summary, RawFunctionOfCaller function) {
    Operation& operation = operations_.emplace_back();
    operation.path = std::move(path);
    operation.access = access;
    operation.room = room_;
    operation.summary = std::move(summary);
    operation.kind = Operation::Kind::raw;
    operation.raw = std::move(function);
}

const Operation* Api::resource_of(const Operation& write) const {
    auto is_resource = [](const Operation& read) {
        return read.has_entity_tag && !read.is_html && read.path.ends_with('}');
    };
    auto is_above = [&](const std::string& path) {
        return write.path.starts_with(path) && (write.path == path || write.path[path.size()] == '/');
    };
    const Operation* nearest = nullptr;
    for (const Operation& read : operations_) {
        bool nearer = !nearest || read.path.size() > nearest->path.size();
        if (nearer && is_resource(read) && is_above(read.path)) nearest = &read;
    }
    return nearest;
}

}  // namespace http
