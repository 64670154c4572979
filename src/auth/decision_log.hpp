// One log line for each decision about who may come in (SE-18, ASVS 16.3.1): who, from where, and never a
// secret or an address that somebody typed.
#pragma once

#include "core/caller.hpp"

#include <string_view>

namespace auth {

// `user` is an account's id; empty: nobody known.
void log_decision(std::string_view what, const core::Caller& caller, std::string_view user);

}  // namespace auth
