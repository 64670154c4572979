// What each room knows of people: for GET /v1/me/export and DELETE /v1/me.
#pragma once

#include "account/account.hpp"

namespace app {

void add_knowledge(account::Accounts& accounts, const auth::Auth& auth);

}  // namespace app
