#include "webhooks/transfers.hpp"

#include "webhooks/public_address.hpp"

#include <curl/curl.h>
#include <boost/asio/ip/tcp.hpp>

#include <cstring>
#include <map>
#include <stdexcept>

namespace webhooks {
namespace {

constexpr long connect_timeout_s = 5;
constexpr long answer_timeout_s = 15;  // of the whole exchange: a receiver should queue its work and answer
constexpr long idle_connections_max = 20;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

List list_of(const std::vector<std::string>& lines) {
    List list(nullptr, curl_slist_free_all);
    for (const std::string& line : lines) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (!longer) throw std::bad_alloc();
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

std::size_t forget(char*, std::size_t size, std::size_t count, void*) {
    return size * count;
}

boost::asio::ip::address address_of(const curl_sockaddr& target) {
    boost::asio::ip::tcp::endpoint endpoint;
    endpoint.resize(target.addrlen);
    std::memcpy(endpoint.data(), &target.addr, target.addrlen);
    return endpoint.address();
}

// One POST: what libcurl points at lives as long as its handle.
struct Running {
    Post post;
    bool allows_internal = false;
    bool refused_address = false;
    List headers;
    Easy handle;
    char details[CURL_ERROR_SIZE] = "";

    Running(Post given, bool internal)
        : post(std::move(given)),
          allows_internal(internal),
          headers(list_of(post.headers)),
          handle(curl_easy_init(), curl_easy_cleanup) {
        if (!handle) throw std::bad_alloc();
        set_up();
    }
    void set_up();
    Answer answer(CURLcode code) const;
};

// The address that a name led to is judged when it is connected to: a name that answers differently the
// second time gets nowhere.
curl_socket_t open_if_allowed(void* self, curlsocktype, curl_sockaddr* target) {
    auto& running = *static_cast<Running*>(self);
    bool internet = target->family == AF_INET || target->family == AF_INET6;
    if (!running.allows_internal && (!internet || !is_public(address_of(*target)))) {
        running.refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

void Running::set_up() {
    auto set = [this](CURLoption option, auto value) {
        if (curl_easy_setopt(handle.get(), option, value) != CURLE_OK)
            throw std::runtime_error("libcurl refuses an option");
    };
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, details);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, allows_internal ? "http,https" : "https");
    set(CURLOPT_PROXY, "");  // the environment's proxy would connect for us, to anywhere
    set(CURLOPT_URL, post.url.c_str());
    set(CURLOPT_USERAGENT, "Kontor-Webhooks/" KONTOR_VERSION);
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
    set(CURLOPT_POSTFIELDS, post.body.c_str());
    set(CURLOPT_WRITEFUNCTION, forget);
    set(CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
    set(CURLOPT_TIMEOUT, answer_timeout_s);
    set(CURLOPT_OPENSOCKETFUNCTION, open_if_allowed);
    set(CURLOPT_OPENSOCKETDATA, this);
}

Answer Running::answer(CURLcode code) const {
    Answer answer{post.number, {}, {}};
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) {
        answer.status = status;
    } else if (refused_address) {
        answer.error = "the address is not public";
    } else {
        answer.error = *details ? details : curl_easy_strerror(code);
    }
    return answer;
}

}  // namespace

struct Transfers::State {
    bool allows_internal;
    std::map<CURL*, std::unique_ptr<Running>> running;
    Multi multi{curl_multi_init(), curl_multi_cleanup};
};

Transfers::Transfers(bool allows_internal) : state_(std::make_unique<State>()) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    state_->allows_internal = allows_internal;
    if (!state_->multi) throw std::bad_alloc();
    curl_multi_setopt(state_->multi.get(), CURLMOPT_MAXCONNECTS, idle_connections_max);
}

Transfers::~Transfers() {
    for (auto& [handle, running] : state_->running)
        curl_multi_remove_handle(state_->multi.get(), handle);
}

void Transfers::start(Post post) {
    auto running = std::make_unique<Running>(std::move(post), state_->allows_internal);
    CURL* handle = running->handle.get();
    state_->running.emplace(handle, std::move(running));
    curl_multi_add_handle(state_->multi.get(), handle);
}

std::vector<Answer> Transfers::wait(std::chrono::milliseconds at_most) {
    int left = 0;
    curl_multi_perform(state_->multi.get(), &left);
    if (left == static_cast<int>(state_->running.size())) {
        curl_multi_poll(state_->multi.get(), nullptr, 0, static_cast<int>(at_most.count()), nullptr);
        curl_multi_perform(state_->multi.get(), &left);
    }
    std::vector<Answer> answers;
    int queued = 0;
    while (CURLMsg* message = curl_multi_info_read(state_->multi.get(), &queued)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* handle = message->easy_handle;
        answers.push_back(state_->running.at(handle)->answer(message->data.result));
        curl_multi_remove_handle(state_->multi.get(), handle);
        state_->running.erase(handle);
    }
    return answers;
}

void Transfers::wake() {
    curl_multi_wakeup(state_->multi.get());
}

}  // namespace webhooks
