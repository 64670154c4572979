// Password hashes that accounts bring from other programs: bcrypt as Node, PHP and Python write it. Verified
// by libcrypt, never made.
#pragma once

#include <string>

namespace auth {

// "$2a$", "$2b$" or "$2y$", a cost of 10 to 14 (SE-2's floor; more would hold a hashing thread for seconds),
// salt and hash.
bool is_bcrypt(const std::string& hash);

// As the program that made the hash did: the password's bytes as they are, cut after 72. Blocks for about 50
// to 1000 ms, by the hash's cost.
bool matches_bcrypt(const std::string& hash, const std::string& password);

}  // namespace auth
