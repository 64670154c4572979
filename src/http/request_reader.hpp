// Bytes of one connection to requests, one after the other: heads through read_head(), bodies by length or by
// chunks. Pure: the session feeds it and decides when to read more.
#pragma once

#include "http/head.hpp"

#include <functional>
#include <utility>

namespace http {

// What has arrived and not been used up.
class InputBuffer {
public:
    // Room for at least `size` more bytes behind what is there. Invalidates views.
    std::span<char> prepare(std::size_t size);
    void commit(std::size_t size) { end_ += size; }
    void consume(std::size_t size);
    // Takes `size` bytes out of the middle; what is behind them moves up.
    void cut(std::size_t at, std::size_t size);
    std::span<char> bytes() { return {storage_.data() + begin_, end_ - begin_}; }
    std::size_t size() const { return end_ - begin_; }
    // Gives memory back that one large request needed; call when empty.
    void shrink();

private:
    std::vector<char> storage_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

class RequestReader {
public:
    enum class State {
        idle,     // nothing of a next request is there yet
        in_head,  // part of a head
        in_body,  // a whole head and part of its body
        ready,    // `request` is whole
        refused,  // see refusal(); the connection can't be used any more
    };

    // How many bytes of a body go to a file if the request of this head is an upload; 0 if it isn't one.
    using UploadMax = std::function<std::uint64_t(const Request&)>;

    explicit RequestReader(const Limits& limits, UploadMax upload_max = {})
        : limits_(limits), upload_max_(std::move(upload_max)) {}

    // Looks for the next request at the front of `input`. On ready, `request` holds views into `input` until
    // finish().
    State next(InputBuffer& input, Request& request);
    // Fills `request` with the head of what is being read, for a refusal before its end: views may be stale
    // by then. Without a whole head it is empty.
    void read_head_again(InputBuffer& input, Request& request) const;
    // The ready request was answered: its bytes go.
    void finish(InputBuffer& input);

    // Between the head and finish() of an upload.
    bool in_upload() const { return is_upload_; }
    // Moves what has arrived of its body to the end of `out`.
    void drain(InputBuffer& input, std::string& out);

    // How many bytes of the input the ready request is.
    std::size_t request_size() const { return raw_at_; }

    const Refused& refusal() const { return refusal_; }
    // True once for each request that waits for "100 Continue" (RFC 9110 §10.1.1).
    bool take_continue() { return std::exchange(continue_due_, false); }

private:
    State refuse(Refused refusal) {
        refusal_ = refusal;
        return State::refused;
    }
    State next_head(InputBuffer& input, Request& request);
    State next_sized(InputBuffer& input);
    State next_chunked(InputBuffer& input);
    std::optional<State> read_chunk_line(std::string_view bytes);

    enum class Stage { head, sized, chunk_line, chunk_data, chunk_end, trailer, whole };

    const Limits& limits_;
    UploadMax upload_max_;
    bool is_upload_ = false;
    std::uint64_t body_max_ = 0;
    std::uint64_t drained_ = 0;  // bytes of the body that are out of the input
    Refused refusal_;
    Head head_;
    Stage stage_ = Stage::head;
    bool continue_due_ = false;
    std::size_t searched_ = 0;   // bytes known not to hold the end of the head
    std::size_t head_size_ = 0;  // 0: there is no whole head yet
    std::size_t body_size_ = 0;  // decoded so far; decoded bytes lie right behind the head
    std::size_t raw_at_ = 0;     // where undecoded chunked bytes go on
    std::size_t chunk_left_ = 0;
    std::size_t trailer_bytes_ = 0;
};

}  // namespace http
