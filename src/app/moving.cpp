#include "app/moving.hpp"

#include "backup/copy.hpp"

#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace app {

int copy_shop(const std::string& from, const std::string& to) {
    core::Clock clock;
    std::int64_t tables = 0;
    std::int64_t rows = 0;
    const auto began = std::chrono::steady_clock::now();
    std::cout << fmt::format("{:<24} {:>12} {:>9}\n", "table", "rows", "ms");
    const auto copied = backup::copy(from, to, clock, [&](const backup::CopiedTable& table) {
        std::cout << fmt::format("{:<24} {:>12} {:>9}\n", table.name, table.rows, table.took.count());
        ++tables;
        rows += table.rows;
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::cout << fmt::format("{} tables, {} rows, each compared with the source, in {:.1f} s\n", tables, rows,
                             took.count())
              << "It is the shop as of " << core::to_rfc3339(copied.as_of)
              << ". What a server on the source takes after that is not in it.\n"
              << "Pictures (media, chat) and the secret are in the data folder: start the shop with the same "
                 "--data "
                 "and the\nnew --database, or take these three along to another one.\n";
    return 0;
}

}  // namespace app
