// The password of a new account, from whoever runs the command.
#pragma once

#include <string>

namespace app {

// On a terminal it is asked for twice and not shown; from a pipe it is the first line. Throws
// std::runtime_error if the two differ.
std::string ask_password();

}  // namespace app
