// The demo shop: real products with pictures, two accounts and a few orders, so that a first run shows
// something.
#pragma once

#include "core/caller.hpp"
#include "core/text.hpp"
#include "media/media.hpp"
#include "store/database.hpp"

#include <filesystem>
#include <functional>

namespace demo {

// Known to everybody who reads demo/README.md.
struct Account {
    std::string_view email;
    std::string_view password;
    std::string_view name;
    core::Role role;
};
inline constexpr Account customer{"customer@example.com", "kontor-demo-customer", "Sarah Johnson",
                                  core::Role::customer};
inline constexpr Account admin{"admin@example.com", "kontor-demo-admin", "Demo Admin", core::Role::admin};

// Makes the account, or finds it if it is there already, and answers its id. Demo can't do that itself: what
// it takes to store a password is auth's business.
using EnsureAccount = std::function<core::UserId(const Account&)>;

// What load() added; nothing at all the second time.
struct Loaded {
    std::size_t products = 0;
    std::size_t variants = 0;
    std::size_t images = 0;
};

// Loads the folder demo/ of this project. Products that the shop has already, by slug or SKU, stay as they
// are, so loading twice changes nothing. Throws std::runtime_error that names the file and line of what is
// wrong.
Loaded load(store::Database& database, const EnsureAccount& ensure_account, const media::Folder& media_folder,
            const std::filesystem::path& demo_folder);

}  // namespace demo
