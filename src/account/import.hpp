// Bringing accounts along from another shop, with their passwords: `kontor import users FILE`. Called by
// app/.
#pragma once

#include "auth/auth.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <functional>

namespace account {

// What is wrong with one row; the others go in.
struct RowError {
    std::int64_t line = 0;  // of a BSON file: the number of the document
    std::string code;
    std::string message;
};

struct ImportReport {
    std::int64_t created = 0;
    std::int64_t known = 0;  // there was an account of that address, which stays as it is
    std::int64_t failed = 0;
};

struct ImportOptions {
    bool with_roles = false;  // take `role` from the file; else everybody is a customer
    std::function<void(const RowError&)> on_error;
    std::function<void(double share, std::int64_t rows)>
        on_progress;  // after each batch; `share` of the file, 0 to 1
    std::function<void(const std::string& password_hash)> on_hash;  // before an account with it comes in
};

// An account as a row of such a file has it.
core::Checked<users::NewUser> user_of_row(const boost::json::object& row, bool with_roles);

// NDJSON (.ndjson, .jsonl, .json), CSV with a header (.csv) or what mongodump wrote (.bson), by the file's
// name. Members: email, name (or first and last name), phone, password_hash (Argon2id PHC or bcrypt; absent:
// reset by letter), email_verified, created_at, role; also as Mongoose schemas mostly call them. A second run
// changes nothing. Throws std::runtime_error if the file can't be read.
ImportReport import_users(store::Database& database, const std::filesystem::path& file,
                          const ImportOptions& options);

}  // namespace account
