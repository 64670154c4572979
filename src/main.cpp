// The program: everything it does is a command of app/commands.cpp.
#include "app/commands.hpp"

int main(int argc, char** argv) {
    return app::run_command(argc, argv);
}
