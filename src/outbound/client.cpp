#include "outbound/client.hpp"

#include "outbound/exchange.hpp"

#include <mutex>

namespace outbound {
namespace {

constexpr std::size_t idle_handles_max = 8;  // each keeps its connection open

}  // namespace

struct Client::State {
    Reach reach;
    std::mutex mutex;
    std::vector<curl::Easy> idle;

    curl::Easy take() {
        std::lock_guard lock(mutex);
        if (idle.empty()) return curl::make_easy();
        auto handle = std::move(idle.back());
        idle.pop_back();
        return handle;
    }
    void put_back(curl::Easy handle) {
        std::lock_guard lock(mutex);
        if (idle.size() < idle_handles_max) idle.push_back(std::move(handle));
    }
};

Client::Client(Reach reach) : state_(std::make_unique<State>()) {
    state_->reach = reach;
}

Client::~Client() = default;

HttpAnswer Client::send(HttpRequest request, const std::stop_token& stop) {
    Exchange exchange(state_->take(), std::move(request), state_->reach);
    exchange.stop_with(stop);
    auto answer = exchange.answer(curl_easy_perform(exchange.handle()));
    state_->put_back(exchange.release());
    return answer;
}

}  // namespace outbound
