// The inside of the hub: its engine and its namespaces.
#pragma once

#include "realtime/adapter_message.hpp"
#include "realtime/engine.hpp"
#include "realtime/namespace_state.hpp"

#include <shared_mutex>

namespace realtime {

struct Hub::State {
    State(Hub& of, HubOptions given, const core::Clock& time);

    // The namespace of that name, made if a pattern allows it, with one more socket counted; or null.
    std::shared_ptr<Namespace> enter(const std::string& name);
    // One less. A namespace that a client's wish made ends with its last socket.
    void exit(Namespace& space);
    // The namespace of that name, if there is one now; or null.
    std::shared_ptr<Namespace> find(std::string_view name);

    Hub& hub;
    Limits limits;
    const core::Clock& clock;
    Engine engine;
    std::function<void(const Emission&)> tell_others;  // constant once the server runs; may be empty

    struct Pattern {
        std::function<bool(std::string_view)> matches;
        std::unique_ptr<Namespace> declared;
    };
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Namespace>> namespaces;  // guarded by mutex
    std::size_t dynamic_count = 0;                                           // guarded by mutex
    std::vector<Pattern> patterns;                                           // constant once the server runs
};

}  // namespace realtime
