// The SQL of secrets sent by mail and of forgotten passwords.
#pragma once

#include "core/id.hpp"
#include "core/text.hpp"
#include "store/tx.hpp"

#include <boost/describe/enum.hpp>

namespace account::queries {

enum class Purpose { verify, reset };
BOOST_DESCRIBE_ENUM(Purpose, verify, reset)

struct TokenRow {
    core::UserId user_id;
    core::Email email;
};
BOOST_DESCRIBE_STRUCT(TokenRow, (), (user_id, email))

void insert_token(store::Tx& tx, const std::string& hash, Purpose purpose, const TokenRow& row,
                  core::Time ends_at);
// One that is still good.
std::optional<TokenRow> find_token(store::Tx& tx, const std::string& hash, Purpose purpose);
// The same, and it is gone: of several who take it at once one gets it.
std::optional<TokenRow> take_token(store::Tx& tx, const std::string& hash, Purpose purpose);
void delete_tokens_of(store::Tx& tx, core::UserId user, Purpose purpose);
std::int64_t count_tokens_since(store::Tx& tx, core::UserId user, Purpose purpose, core::Time since);
// At most `limit`; returns how many.
std::int64_t delete_tokens_ended_before(store::Tx& tx, core::Time time, std::int64_t limit);

using ForgottenId = core::Id<"fgt">;

void insert_forgotten(store::Tx& tx, ForgottenId id, const core::Email& email);
std::optional<core::Email> take_forgotten(store::Tx& tx, const std::string& id);

}  // namespace account::queries
