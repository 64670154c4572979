// How a room declares its endpoints: a path, who may call it, a sentence for the docs, and a plain function
// from a described struct to a described struct. Decoding, validation, permission, idempotency, entity tags,
// encoding and the OpenAPI document follow from that.
//
//   api.post("/v1/orders", everyone, "Place an order").answers(201).writes(place_order);
//
// A path segment in braces fills the member of that name. The other members come from the query string for
// GET and DELETE, and from the JSON body for POST, PUT and PATCH (and DELETE, if the route says with_body()).
#pragma once

#include "http/access.hpp"
#include "http/input.hpp"
#include "http/message.hpp"
#include "http/parts.hpp"
#include "http/signature.hpp"

#include "async/pool.hpp"
#include "core/json_schema.hpp"
#include "core/json_write.hpp"
#include "core/page.hpp"
#include "store/database.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <functional>

namespace http {

// An endpoint without input or without output.
struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

// An answer for people to look at and print. Whoever makes it has escaped what is not theirs.
struct Html {
    std::string text;
};

// An endpoint's input, member by member, and its output, as JSON Schema.
struct OperationSchema {
    struct Member {
        std::string name;
        boost::json::object schema;
        bool required = false;
    };
    std::vector<Member> input;
    std::optional<boost::json::object> output;
};

// For endpoints that don't speak JSON. The request stays valid until the answer is there.
using RawFunction =
    std::function<boost::asio::awaitable<Reply>(const Request&, const Parameters& path_parameters)>;
// The same for those who may; the caller as well stays valid until the answer is there.
using RawFunctionOfCaller = std::function<boost::asio::awaitable<Reply>(const Request&, const core::Caller&,
                                                                        const Parameters& path_parameters)>;

// An Operation is an endpoint with its types erased; exchange.cpp runs it.
struct Operation {
    enum class Kind { read, write, run, raw };

    Method method = Method::get;
    std::string path;
    std::string room;
    std::string summary;
    Access access;
    Kind kind = Kind::read;
    unsigned status = 200;
    InputIn input_in = InputIn::query;
    bool has_entity_tag = false;
    bool is_html = false;
    bool replays = true;    // honours Idempotency-Key (POST only)
    bool may_move = false;  // answers 301 where something has another address now

    std::function<core::Result<store::Box>(const Request&, const Parameters& path_parameters)> decode;
    std::function<core::Result<store::Box>(store::Tx&, const core::Caller&, const store::Box& input)> apply;
    std::function<boost::asio::awaitable<core::Result<store::Box>>(const core::Caller&, store::Box input)>
        run;
    std::function<void(const store::Box& output, std::string& out)> encode;
    // What happens before a write's transaction begins. Null: nothing.
    std::function<boost::asio::awaitable<core::Result<void>>(const core::Caller&, store::Box& input)> prepare;
    // The cart an input is about ("crt_…"), or nothing: what a guest's Idempotency-Key belongs to.
    std::function<std::string_view(const store::Box& input)> cart_of;
    // Puts parts of the output into headers, a cookie for example; before the rest is encoded.
    std::function<void(const Request&, store::Box& output, Reply&)> dress;
    RawFunctionOfCaller raw;

    // What the audit log keeps of an answer. Null: the answer.
    std::function<std::string(const store::Box& output)> audited;
    // The input that a path alone makes, for reading what a write is about to change.
    std::function<core::Result<store::Box>(const Parameters& path_parameters)> decode_path;

    // The current representation of what a write is about to change, for If-Match.
    std::function<core::Result<std::string>(store::Tx&, const core::Caller&, const Request&,
                                            const Parameters&)>
        current;
    // What an answer depends on: a change announced under this name drops it. Null: never kept.
    std::function<std::string(const store::Box& output)> depends_on;

    // Endpoints that take a file instead of JSON: the media types, and how large it may be.
    std::vector<std::string> media_types;
    std::uint64_t upload_bytes_max = 0;
    // Those of the files an endpoint answers with, if it does.
    std::vector<std::string> download_types;

    // Where a read runs whose input takes long, if not on the I/O thread.
    async::Pool* pool = nullptr;
    std::function<bool(const store::Box& input)> takes_long;

    std::function<void(core::SchemaBook&, OperationSchema&)> describe;
};

namespace detail {

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<core::List<T>> = true;

}  // namespace detail

class Route {
public:
    explicit Route(Operation& operation) : operation_(operation) {}

    Route& answers(unsigned status) {
        operation_.status = status;
        return *this;
    }

    // For a DELETE that takes what has no place in an address: a password, a code. Before what binds the
    // function.
    Route& with_body() {
        operation_.input_in = InputIn::body;
        return *this;
    }

    // A function of a snapshot: core::Result<Out>(store::Tx&, const core::Caller&, const In&).
    template <class F>
    Route& reads(F function) {
        bind_transaction(Operation::Kind::read, std::move(function));
        return *this;
    }

    // A function of a transaction, same signature. Its effect, its events and its idempotency key commit
    // together.
    template <class F>
    Route& writes(F function) {
        bind_transaction(Operation::Kind::write, std::move(function));
        return *this;
    }

    // A coroutine for what takes several transactions:
    // boost::asio::awaitable<core::Result<Out>>(const core::Caller&, In). Doesn't honour Idempotency-Key, as
    // its effect is in none of them alone: what must happen once is a write that is prepared_by() the rest.
    template <class F>
    Route& runs(F function) {
        using In = typename detail::Signature<F>::Input;
        using Out = typename detail::Signature<F>::Output;
        operation_.kind = Operation::Kind::run;
        operation_.replays = false;
        bind_types<In, Out>();
        operation_.run = [function = std::move(function)](
                             const core::Caller& caller,
                             store::Box input) -> boost::asio::awaitable<core::Result<store::Box>> {
            core::Result<Out> output = co_await function(caller, std::move(input.as<In>()));
            if (!output) co_return std::unexpected(std::move(output.error()));
            co_return store::Box::of<Out>(std::move(*output));
        };
        return *this;
    }

    // Before this write's transaction and outside of it, as hashing and pictures must be: `prepare`
    // (boost::asio::awaitable<core::Result<void>>(const core::Caller&, In&)) checks what the caller says to
    // know, or makes of the input what the write needs. Its error is the answer. It isn't called where an
    // Idempotency-Key has its answer already.
    template <class In, class F>
    Route& prepared_by(F prepare) {
        operation_.prepare = [prepare = std::move(prepare)](const core::Caller& caller, store::Box& input) {
            return prepare(caller, input.as<In>());
        };
        return *this;
    }

    // For a run that changes nothing more when the same comes again: its answer is kept under its
    // Idempotency-Key at its end, not in the transaction of its effect. A crash in between lets it run again.
    Route& repeatable() {
        operation_.replays = true;
        return *this;
    }

    // The audit log keeps of the answer what `told` (std::string(const Out&), JSON) makes of it.
    template <class Out, class F>
    Route& audited_as(F told) {
        operation_.audited = [told = std::move(told)](const store::Box& output) -> std::string {
            return told(std::as_const(const_cast<store::Box&>(output).as<Out>()));
        };
        return *this;
    }

    // The same where the answer holds a secret that is shown once: no Idempotency-Key stores it either.
    template <class Out, class F>
    Route& answers_secret(F told) {
        operation_.replays = false;
        return audited_as<Out>(std::move(told));
    }

    // Takes a body of these media types into a file of at most `bytes_max`, which the input's member `upload`
    // (not described) gets; its other members come from path and query.
    Route& takes(std::vector<std::string> media_types, std::uint64_t bytes_max) {
        operation_.media_types = std::move(media_types);
        operation_.upload_bytes_max = bytes_max;
        operation_.input_in = InputIn::query;
        return *this;
    }

    // A coroutine as for runs() that answers a Download of one of these media types.
    template <class F>
    Route& downloads(std::vector<std::string> media_types, F function) {
        return runs(std::move(function)).answers_files(std::move(media_types));
    }
    Route& answers_files(std::vector<std::string> media_types);

    // Old addresses of what this reads lead to the new one: 301 (ErrorCode::moved_permanently).
    Route& may_move();

    // If-Match on this write compares with the entity tag of what `read` (a function as for reads()) answers
    // now.
    template <class F>
    Route& guarded_by(F read) {
        using In = typename detail::Signature<F>::Input;
        operation_.current = [read = std::move(read)](
                                 store::Tx& tx, const core::Caller& caller, const Request&,
                                 const Parameters& path_parameters) -> core::Result<std::string> {
            auto input = decode_path<In>(path_parameters);
            if (!input) return std::unexpected(std::move(input.error()));
            auto output = read(tx, caller, *input);
            if (!output) return std::unexpected(std::move(output.error()));
            return core::to_json(*output);
        };
        return *this;
    }

    // Fills members of the input from elsewhere in the request, a cookie for example. After what binds the
    // function; an error is the answer.
    template <class In>
    Route& takes(std::function<core::Result<void>(const Request&, In&)> more) {
        operation_.decode = [decode = std::move(operation_.decode), more = std::move(more)](
                                const Request& request,
                                const Parameters& path_parameters) -> core::Result<store::Box> {
            auto input = decode(request, path_parameters);
            if (!input) return input;
            if (auto taken = more(request, input->template as<In>()); !taken)
                return std::unexpected(std::move(taken.error()));
            return input;
        };
        return *this;
    }

    // Adds headers to the answer of a run or a write; what it takes out of the output isn't in the body.
    template <class Out>
    Route& dressed(std::function<void(const Request&, Out&, Reply&)> dress) {
        operation_.dress = [dress = std::move(dress)](const Request& request, store::Box& output,
                                                      Reply& reply) {
            dress(request, output.template as<Out>(), reply);
        };
        return *this;
    }

    // Keeps the encoded answer until the subject that `depends_on(output)` names is announced (see
    // http/kept.hpp).
    template <class Out>
    Route& kept_until(std::string (*depends_on)(const Out&)) {
        operation_.depends_on = [depends_on](const store::Box& output) {
            return depends_on(const_cast<store::Box&>(output).as<Out>());
        };
        return *this;
    }

    // Reads of an input that takes long run on `pool`, so that they hold up no other connection.
    template <class In>
    Route& on(async::Pool& pool, bool (*takes_long)(const In&)) {
        operation_.pool = &pool;
        operation_.takes_long = [takes_long](const store::Box& input) {
            return takes_long(const_cast<store::Box&>(input).as<In>());
        };
        return *this;
    }

private:
    template <class F>
    void bind_transaction(Operation::Kind kind, F function) {
        using In = typename detail::Signature<F>::Input;
        using Out = typename detail::Signature<F>::Output;
        operation_.kind = kind;
        operation_.has_entity_tag = kind == Operation::Kind::read && !detail::is_list<Out>;
        bind_types<In, Out>();
        operation_.apply = [function = std::move(function)](
                               store::Tx& tx, const core::Caller& caller,
                               const store::Box& input) -> core::Result<store::Box> {
            auto output = function(tx, caller, const_cast<store::Box&>(input).as<In>());
            if (!output) return std::unexpected(std::move(output.error()));
            return store::Box::of<Out>(std::move(*output));
        };
    }

    template <class In, class Out>
    void bind_types() {
        if constexpr (std::is_same_v<Out, Nothing>) {
            if (operation_.status == 200) operation_.status = 204;
        }
        operation_.decode = [&operation = operation_](
                                const Request& request,
                                const Parameters& path_parameters) -> core::Result<store::Box> {
            auto input = [&] {
                if constexpr (requires(In in) { in.upload; }) {
                    return decode_upload<In>(request, path_parameters, operation.media_types);
                } else {
                    return decode_input<In>(operation.input_in, request, path_parameters);
                }
            }();
            if (!input) return std::unexpected(std::move(input.error()));
            return store::Box::of<In>(std::move(*input));
        };
        operation_.decode_path = [](const Parameters& path_parameters) -> core::Result<store::Box> {
            auto input = http::decode_path<In>(path_parameters);
            if (!input) return std::unexpected(std::move(input.error()));
            return store::Box::of<In>(std::move(*input));
        };
        operation_.cart_of = [](const store::Box& input) {
            std::string_view cart;
            core::for_each_member(const_cast<store::Box&>(input).as<In>(), [&](const char*, auto& member) {
                if constexpr (std::is_same_v<std::remove_reference_t<decltype(member)>, core::CartId>)
                    cart = member.text();
            });
            return cart;
        };
        operation_.is_html = std::is_same_v<Out, Html>;
        operation_.encode = [](const store::Box& output, std::string& out) {
            if constexpr (std::is_same_v<Out, Html>) {
                out += const_cast<store::Box&>(output).as<Out>().text;
            } else if constexpr (!std::is_same_v<Out, Nothing> && !std::is_same_v<Out, Download>) {
                core::write_json(out, const_cast<store::Box&>(output).as<Out>());
            }
        };
        operation_.describe = [](core::SchemaBook& book, OperationSchema& schema) {
            In sample{};
            core::for_each_member(sample, [&](const char* name, auto& member) {
                using M = std::remove_reference_t<decltype(member)>;
                schema.input.push_back({name, book.of<M>(core::Direction::request), !core::may_be_absent<M>});
            });
            if constexpr (!std::is_same_v<Out, Nothing> && !std::is_same_v<Out, Html> &&
                          !std::is_same_v<Out, Download>)
                schema.output = book.of<Out>(core::Direction::answer);
        };
    }

    Operation& operation_;
};

class Api {
public:
    // Endpoints declared from here on belong to this room: a tag in the docs.
    void room(std::string name) { room_ = std::move(name); }

    Route get(std::string path, Access access, std::string summary) {
        return add(Method::get, std::move(path), access, std::move(summary));
    }
    Route post(std::string path, Access access, std::string summary) {
        return add(Method::post, std::move(path), access, std::move(summary));
    }
    Route put(std::string path, Access access, std::string summary) {
        return add(Method::put, std::move(path), access, std::move(summary));
    }
    Route patch(std::string path, Access access, std::string summary) {
        return add(Method::patch, std::move(path), access, std::move(summary));
    }
    Route del(std::string path, Access access, std::string summary) {
        return add(Method::del, std::move(path), access, std::move(summary));
    }
    // A GET that doesn't answer JSON: files, metrics, docs. A last segment `{name...}` takes the rest of the
    // path.
    void raw(std::string path, std::string summary, RawFunction function);
    void raw(std::string path, Access access, std::string summary, RawFunctionOfCaller function);
    // A POST whose body is looked at byte by byte, as who signed it did.
    void raw_post(std::string path, std::string summary, RawFunction function);

    const std::deque<Operation>& operations() const { return operations_; }

    // The read that tells how things stand before and behind a write: that of the longest beginning of its
    // path that is a resource's. Null: there is nothing there yet, as where something is added to a list.
    const Operation* resource_of(const Operation& write) const;

private:
    Route add(Method method, std::string path, Access access, std::string summary);

    std::string room_;
    std::deque<Operation> operations_;
};

}  // namespace http
