// Events whose argument is a described struct, checked like the body of an HTTP request, and whose ack is
// {"ok": true, …members of the answer} or {"ok": false, "error": {code, message, errors?}}. Who asks for no
// ack hears of a refusal by the event `error`.
#pragma once

#include "realtime/hub.hpp"

#include "core/json_read.hpp"
#include "core/log.hpp"
#include "store/database.hpp"

namespace realtime {

// An answer without members: {"ok": true}.
struct Done {};
BOOST_DESCRIBE_STRUCT(Done, (), ())

// Tells a client that it was refused: in the ack, or where it asked for none by the event `error`.
void refuse(const Socket& socket, const Ack& ack, const core::Error& error);

// Runs `body`, refuses as internal if it throws: a broken handler costs its caller an answer, nobody else
// anything.
boost::asio::awaitable<void> answering(std::string event, Socket socket, Ack ack,
                                       boost::asio::awaitable<void> body);

template <class In>
core::Result<In> argument_of(const Event& event) {
    In in{};
    core::FieldErrors errors;
    core::read_json(event.argument(0), in, core::JsonPath{}, errors);
    if (!errors.empty()) return std::unexpected(std::move(errors).to_error());
    return in;
}

template <class Out>
Arguments acceptance(const Out& out) {
    std::string members = core::to_json(out);
    Arguments arguments;
    arguments.json = members == "{}" ? "{\"ok\":true}" : "{\"ok\":true," + members.substr(1);
    return arguments;
}

namespace detail {
template <class F>
struct TypedSignature : TypedSignature<decltype(&F::operator())> {};
template <class Out, class In>
struct TypedSignature<boost::asio::awaitable<core::Result<Out>> (*)(Socket, In)> {
    using Input = In;
};
template <class C, class Out, class In>
struct TypedSignature<boost::asio::awaitable<core::Result<Out>> (C::*)(Socket, In) const> {
    using Input = In;
};
template <class Out, class In>
struct TypedSignature<core::Result<Out> (*)(store::Tx&, const core::Caller&, const In&)> {
    using Input = In;
};
template <class C, class Out, class In>
struct TypedSignature<core::Result<Out> (C::*)(store::Tx&, const core::Caller&, const In&) const> {
    using Input = In;
};
template <class C, class In>
struct TypedSignature<void (C::*)(Socket&, const In&) const> {
    using Input = In;
};

template <class In, class F>
boost::asio::awaitable<void> answer(Socket socket, Event event, Ack ack, const F& function) {
    auto in = argument_of<In>(event);
    if (!in) co_return refuse(socket, ack, in.error());
    auto out = co_await function(socket, std::move(*in));
    if (!out) co_return refuse(socket, ack, out.error());
    ack.send(acceptance(*out));
}
}  // namespace detail

// A coroutine boost::asio::awaitable<core::Result<Out>>(Socket, In).
template <class F>
void answers(Namespace& space, std::string event, F function) {
    using In = typename detail::TypedSignature<F>::Input;
    auto shared = std::make_shared<const F>(std::move(function));
    auto task = Namespace::Task([event, shared](Socket socket, Event incoming, Ack ack) {
        auto body = detail::answer<In>(socket, std::move(incoming), ack, *shared);
        return answering(event, std::move(socket), ack, std::move(body));
    });
    space.runs(std::move(event), std::move(task));
}

// A rule over a transaction, as HTTP endpoints have: core::Result<Out>(store::Tx&, const core::Caller&, const
// In&). Acked when it is durable.
template <class F>
void writes(Namespace& space, std::string event, store::Database& database, F rule) {
    using In = typename detail::TypedSignature<F>::Input;
    using Out = typename std::invoke_result_t<F, store::Tx&, const core::Caller&, const In&>::value_type;
    answers(space, std::move(event),
            [&database, rule = std::move(rule)](Socket socket,
                                                In in) -> boost::asio::awaitable<core::Result<Out>> {
                core::Caller caller = socket.caller();
                auto work = [&](store::Tx& tx) { return rule(tx, caller, in); };
                co_return co_await store::write(database, work);
            });
}

// The same on a snapshot.
template <class F>
void reads(Namespace& space, std::string event, store::Database& database, F rule) {
    using In = typename detail::TypedSignature<F>::Input;
    using Out = typename std::invoke_result_t<F, store::Tx&, const core::Caller&, const In&>::value_type;
    answers(space, std::move(event),
            [&database, rule = std::move(rule)](Socket socket,
                                                In in) -> boost::asio::awaitable<core::Result<Out>> {
                core::Caller caller = socket.caller();
                auto work = [&](store::Tx& tx) { return rule(tx, caller, in); };
                co_return co_await store::read(database, work);
            });
}

// void(Socket&, const In&): news that nobody waits for.
template <class F>
void hears(Namespace& space, std::string event, F function) {
    using In = typename detail::TypedSignature<F>::Input;
    space.on(std::move(event),
             Namespace::OnEvent([function = std::move(function)](Socket& socket, Event& incoming, Ack& ack) {
                 auto in = argument_of<In>(incoming);
                 if (!in) return refuse(socket, ack, in.error());
                 function(socket, *in);
                 ack.send(acceptance(Done{}));
             }));
}

}  // namespace realtime
