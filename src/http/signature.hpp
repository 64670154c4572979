// What an endpoint's function takes and answers, read off its type.
#pragma once

#include "core/caller.hpp"
#include "core/error.hpp"
#include "store/database.hpp"

#include <boost/asio/awaitable.hpp>

namespace http::detail {

template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class Out, class In>
struct Signature<core::Result<Out> (*)(store::Tx&, const core::Caller&, const In&)> {
    using Input = In;
    using Output = Out;
};
template <class C, class Out, class In>
struct Signature<core::Result<Out> (C::*)(store::Tx&, const core::Caller&, const In&) const> {
    using Input = In;
    using Output = Out;
};
template <class Out, class In>
struct Signature<boost::asio::awaitable<core::Result<Out>> (*)(const core::Caller&, In)> {
    using Input = In;
    using Output = Out;
};
template <class C, class Out, class In>
struct Signature<boost::asio::awaitable<core::Result<Out>> (C::*)(const core::Caller&, In) const> {
    using Input = In;
    using Output = Out;
};

}  // namespace http::detail
