// The command line: `kontor --help` lists its commands, `kontor COMMAND --help` the options of one.
#pragma once

namespace app {

// Runs one command. Returns the exit code: 0 done, 1 it failed (said why on standard error), 2 wrong usage.
int run_command(int argc, const char* const* argv);

}  // namespace app
