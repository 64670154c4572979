// Deliveries through an SMTP server, by libcurl, which keeps the connection from letter to letter.
#include "mail/message.hpp"

#include "outbound/curl.hpp"

#include <stop_token>

namespace mail {
namespace {

constexpr long connect_timeout_s = 10;
constexpr long delivery_timeout_s = 60;  // also for a server that accepts byte by byte

using Outcome = Delivery::Outcome;
namespace curl = outbound::curl;

// SMTP's lines end with CR LF (RFC 5321 §2.3.8).
std::string with_crlf(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

void add_part(curl_mime* mime, std::string_view text, const char* type) {
    std::string lines = with_crlf(text);
    curl_mimepart* part = curl_mime_addpart(mime);
    curl_mime_data(part, lines.data(), lines.size());
    curl_mime_type(part, type);
    curl_mime_encoder(part, "quoted-printable");
}

curl::Mime body_of(CURL* handle, const Message& message) {
    curl::Mime body(curl_mime_init(handle), curl_mime_free);
    curl_mime* forms = curl_mime_init(handle);
    add_part(forms, message.text, "text/plain; charset=utf-8");
    add_part(forms, message.html, "text/html; charset=utf-8");  // the last one is the one preferred
    curl_mimepart* part = curl_mime_addpart(body.get());
    curl_mime_subparts(part, forms);
    curl_mime_type(part, "multipart/alternative");
    return body;
}

int break_off_if_stopped(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

// What the server's last answer (RFC 5321 §4.2.1) means for the letter: 4xx may pass, 5xx won't. Refusals of
// ourselves (no log-in, no TLS) say nothing about the letter.
Delivery judge(CURLcode code, long answer, const char* details) {
    if (code == CURLE_OK) return {};
    std::string reason = *details ? details : curl_easy_strerror(code);
    bool about_us = code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED ||
                    code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
                    answer == 421 || answer == 530;
    if (about_us || answer < 400 || answer > 599) return {Outcome::unreachable, std::move(reason)};
    return {answer >= 500 ? Outcome::refused : Outcome::put_off, std::move(reason)};
}

// One server, one connection. Used by one thread at a time.
class Smtp {
public:
    explicit Smtp(SmtpSettings settings) : settings_(std::move(settings)) {}

    Delivery deliver(const Message& message, const std::stop_token& stop) {
        CURL* handle = handle_.get();
        curl_easy_reset(handle);  // keeps the connection
        char details[CURL_ERROR_SIZE] = "";
        curl::List headers = curl::list_of(message.headers());
        curl::List recipients = curl::list_of({message.to.str()});
        curl::Mime body = body_of(handle, message);
        auto set = [this](CURLoption option, auto value) { curl::set(handle_, option, value); };
        set(CURLOPT_ERRORBUFFER, details);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        set(CURLOPT_URL, settings_.url.c_str());
        set(CURLOPT_USE_SSL, settings_.requires_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY);
        set(CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
        set(CURLOPT_TIMEOUT, delivery_timeout_s);
        set(CURLOPT_MAIL_FROM, message.from.str().c_str());
        set(CURLOPT_MAIL_RCPT, recipients.get());
        set(CURLOPT_HTTPHEADER, headers.get());
        set(CURLOPT_MIMEPOST, body.get());
        set(CURLOPT_XFERINFOFUNCTION, break_off_if_stopped);
        set(CURLOPT_XFERINFODATA, &stop);
        set(CURLOPT_NOPROGRESS, 0L);
        CURLcode code = curl_easy_perform(handle);
        long answer = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer);
        Delivery delivery = judge(code, answer, details);
        curl_easy_reset(handle);  // nothing of this call is pointed at any more
        return delivery;
    }

private:
    SmtpSettings settings_;
    curl::Easy handle_ = curl::make_easy();
};

}  // namespace

Deliver by_smtp(SmtpSettings settings) {
    return [smtp = std::make_shared<Smtp>(std::move(settings))](
               const Message& message, const std::stop_token& stop) { return smtp->deliver(message, stop); };
}

}  // namespace mail
