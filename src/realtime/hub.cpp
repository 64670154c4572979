#include "realtime/hub_state.hpp"

#include "realtime/client.hpp"

namespace realtime {

Hub::State::State(Hub& of, HubOptions given, const core::Clock& time)
    : hub(of),
      limits(given.limits),
      clock(time),
      engine({.path = std::move(given.path),
              .limits = given.limits,
              .origins = std::move(given.origins),
              .keeps_headers = given.keeps_headers,
              .allow = std::move(given.allow)},
             [this](Connection& connection) { return std::make_shared<Client>(*this, connection); }) {}

std::shared_ptr<Namespace> Hub::State::enter(const std::string& name) {
    std::lock_guard lock(mutex);
    auto found = namespaces.find(name);
    if (found == namespaces.end()) {
        auto pattern =
            std::ranges::find_if(patterns, [&](const Pattern& known) { return known.matches(name); });
        if (pattern == patterns.end() || dynamic_count >= limits.dynamic_namespaces_max) return nullptr;
        auto made = std::make_shared<Namespace>(hub, name);
        made->state().definition = pattern->declared->state().definition;
        made->state().is_dynamic = true;
        ++dynamic_count;
        found = namespaces.emplace(name, std::move(made)).first;
    }
    ++found->second->state().sockets;
    return found->second;
}

void Hub::State::exit(Namespace& space) {
    std::lock_guard lock(mutex);
    if (--space.state().sockets > 0 || !space.state().is_dynamic) return;
    --dynamic_count;
    namespaces.erase(std::string(space.name()));
}

std::shared_ptr<Namespace> Hub::State::find(std::string_view name) {
    std::lock_guard lock(mutex);
    auto found = namespaces.find(std::string(name));
    return found == namespaces.end() ? nullptr : found->second;
}

Hub::Hub(HubOptions options, const core::Clock& clock)
    : state_(std::make_unique<State>(*this, std::move(options), clock)) {}

Hub::~Hub() = default;

Namespace& Hub::of(std::string_view name) {
    std::lock_guard lock(state_->mutex);
    auto& space = state_->namespaces[std::string(name)];
    if (!space) space = std::make_shared<Namespace>(*this, std::string(name));
    return *space;
}

Namespace& Hub::of_matching(std::function<bool(std::string_view name)> matches) {
    state_->patterns.push_back({std::move(matches), std::make_unique<Namespace>(*this, "")});
    return *state_->patterns.back().declared;
}

http::Gateway Hub::gateway() {
    return state_->engine.gateway();
}

std::size_t Hub::connection_count() const {
    return state_->engine.connection_count();
}

Refused Refused::because(const core::Error& error) {
    return {error.detail, {{"code", core::name_of(error.code)}}};
}

}  // namespace realtime
