// What systemd hands to a service and wants to hear from it: sd_listen_fds(3), sd_notify(3). Where no such
// manager started the program, nothing happens.
#pragma once

#include "http/server.hpp"

namespace app {

// Takes the listening socket that outlives the program, if it was given one: whoever connects while no
// program runs waits for the next one instead of being refused. Throws std::runtime_error with what to change
// about the .socket unit.
void use_passed_socket(http::ServerOptions& options);

void tell_ready();
void tell_stopping();

}  // namespace app
