// The HTTP surface of shipping methods, tax rates and discount codes.
#pragma once

#include "http/api.hpp"

namespace pricing {

void add_routes(http::Api& api);

}  // namespace pricing
