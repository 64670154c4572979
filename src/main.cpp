#include <cstdio>

int main() {
    std::puts("kontor " KONTOR_VERSION);
}
