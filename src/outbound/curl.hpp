// libcurl's handles with owners, and its options with errors. The one header that brings in curl.h.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace outbound::curl {

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using Mime = std::unique_ptr<curl_mime, decltype(&curl_mime_free)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// libcurl itself is started by the first of these.
inline void start() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw std::runtime_error("libcurl can't be started");
}

inline Easy make_easy() {
    start();
    Easy handle(curl_easy_init(), curl_easy_cleanup);
    if (!handle) throw std::bad_alloc();
    return handle;
}

inline Multi make_multi() {
    start();
    Multi handle(curl_multi_init(), curl_multi_cleanup);
    if (!handle) throw std::bad_alloc();
    return handle;
}

inline List list_of(const std::vector<std::string>& lines) {
    List list(nullptr, curl_slist_free_all);
    for (const std::string& line : lines) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (!longer) throw std::bad_alloc();
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

// An option that this libcurl doesn't know, or has no memory for, must not be left out silently.
template <class Value>
void set(const Easy& handle, CURLoption option, Value value) {
    if (curl_easy_setopt(handle.get(), option, value) != CURLE_OK)
        throw std::runtime_error("libcurl refuses option " + std::to_string(option));
}

}  // namespace outbound::curl
