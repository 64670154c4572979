// Taking one's data along, and having it erased (GDPR articles 15, 17 and 20). Called by routes.cpp.
#pragma once

#include "account/account.hpp"

namespace account {

core::Result<boost::json::object> export_person(store::Tx& tx, const core::Caller& caller,
                                                std::span<const Knowledge> knowledge);

struct PersonRef {
    core::UserId id;
};
BOOST_DESCRIBE_STRUCT(PersonRef, (), (id))

struct Erasure {
    core::PasswordAttempt password;
};
BOOST_DESCRIBE_STRUCT(Erasure, (), (password))

// The caller has proved the password. Ends the account for good, and its access tokens with the commit.
// Errors: conflict for staff, whose name stands in what they did until somebody else relieves them.
core::Result<http::Nothing> erase_person(store::Tx& tx, const core::Caller& caller,
                                         std::span<const Knowledge> knowledge);

}  // namespace account
