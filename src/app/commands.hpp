// The command line: `kontor serve`, `kontor migrate`, `kontor admin create`, `kontor keys rotate`, `kontor
// demo`, `kontor openapi`, `kontor config`.
#pragma once

namespace app {

// Runs one command. Returns the exit code: 0 done, 1 it failed (said why on standard error), 2 wrong usage.
int run_command(int argc, const char* const* argv);

}  // namespace app
