// What orders do behind commits and by the clock.
#pragma once

#include "jobs/runner.hpp"

namespace orders {

// A letter to the customer when an order is placed, shipped (each parcel), delivered or cancelled.
jobs::Follower write_order_letters();
// Forgets the counts of hours gone by.
jobs::Schedule forget_order_rates();

}  // namespace orders
