// Rules whose refusals commit as well: a wrong code counts, a stolen token ends its session.
#pragma once

#include "store/database.hpp"

namespace auth {

// Runs `work` (a function of a Tx to a core::Result) in a transaction and commits whatever it answers. What
// it wrote before it refused stays written.
template <class F>
boost::asio::awaitable<store::ResultOf<F>> decide(store::Database& database, F work) {
    using Answer = store::ResultOf<F>;
    auto keep = [&work](store::Tx& tx) { return std::optional<Answer>(work(tx)); };
    auto decided = co_await store::write(database, keep);
    if (!decided) co_return std::unexpected(std::move(decided.error()));
    co_return std::move(**decided);
}

}  // namespace auth
