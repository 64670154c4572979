#include "outbound/transfers.hpp"

#include "outbound/exchange.hpp"

#include <map>

namespace outbound {
namespace {

constexpr long idle_connections_max = 20;

}  // namespace

struct Transfers::State {
    Reach reach;
    std::map<CURL*, std::unique_ptr<Exchange>> running;
    curl::Multi multi = curl::make_multi();
};

Transfers::Transfers(Reach reach) : state_(std::make_unique<State>()) {
    state_->reach = reach;
    curl_multi_setopt(state_->multi.get(), CURLMOPT_MAXCONNECTS, idle_connections_max);
}

Transfers::~Transfers() {
    for (auto& [handle, running] : state_->running)
        curl_multi_remove_handle(state_->multi.get(), handle);
}

void Transfers::start(HttpRequest request) {
    auto exchange = std::make_unique<Exchange>(curl::make_easy(), std::move(request), state_->reach);
    CURL* handle = exchange->handle();
    state_->running.emplace(handle, std::move(exchange));
    curl_multi_add_handle(state_->multi.get(), handle);
}

std::vector<HttpAnswer> Transfers::wait(std::chrono::milliseconds at_most) {
    int left = 0;
    curl_multi_perform(state_->multi.get(), &left);
    if (left == static_cast<int>(state_->running.size())) {
        curl_multi_poll(state_->multi.get(), nullptr, 0, static_cast<int>(at_most.count()), nullptr);
        curl_multi_perform(state_->multi.get(), &left);
    }
    std::vector<HttpAnswer> answers;
    int queued = 0;
    while (CURLMsg* message = curl_multi_info_read(state_->multi.get(), &queued)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* handle = message->easy_handle;
        CURLcode code = message->data.result;  // the message is gone with its handle
        answers.push_back(state_->running.at(handle)->answer(code));
        curl_multi_remove_handle(state_->multi.get(), handle);
        state_->running.erase(handle);
    }
    return answers;
}

void Transfers::wake() {
    curl_multi_wakeup(state_->multi.get());
}

}  // namespace outbound
