#include "app/ask_password.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <stdexcept>

namespace app {
namespace {

// While it lives, what is typed isn't shown. Ends with a signal too: shells give a terminal back as they lent
// it.
class Unseen {
public:
    Unseen() {
        ::tcgetattr(STDIN_FILENO, &shown_);
        termios unseen = shown_;
        unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
    }
    ~Unseen() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_); }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

private:
    termios shown_{};
};

std::string ask(const char* prompt) {
    std::cerr << prompt << std::flush;
    std::string line;
    std::getline(std::cin, line);
    std::cerr << "\n";
    return line;
}

}  // namespace

std::string ask_password() {
    std::string line;
    if (::isatty(STDIN_FILENO) == 0) {
        std::getline(std::cin, line);
        return line;
    }
    const Unseen typing;
    line = ask("Password: ");
    if (ask("The same again: ") != line)
        throw std::runtime_error("The two passwords differ. Nothing was changed.");
    return line;
}

}  // namespace app
