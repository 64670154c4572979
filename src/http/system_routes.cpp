#include "http/system_routes.hpp"

#include "http/docs_assets.hpp"
#include "http/openapi.hpp"
#include "http/problem.hpp"

#include "core/log.hpp"

namespace http {
namespace {

using boost::asio::awaitable;

std::string ready(const std::vector<Companion>& companions) {
    boost::json::object told{{"status", "ready"}};
    for (const Companion& companion : companions)
        told[companion.name] = companion.answers() ? "up" : "away";
    return boost::json::serialize(told);
}

awaitable<Reply> readiness(store::Database& database, const std::vector<Companion>& companions,
                           const Request& request) {
    std::string failed;
    try {
        auto answered = co_await store::read(
            database, [](store::Tx& tx) { return tx.get<std::int64_t>("select count(*) from followers"); });
        if (answered) co_return Reply::json(200, ready(companions));
        failed = answered.error().detail;
    } catch (const std::exception& failure) {
        failed = failure.what();
    }
    spdlog::warn("not ready: {}", core::quoted(failed));
    co_return problem(503, {core::ErrorCode::overloaded, "The database doesn't answer.", {}, {}},
                      request.request_id);
}

// Made at the first request for it and kept: all endpoints are declared by then.
class OnceMade {
public:
    explicit OnceMade(std::function<Reply()> make) : make_(std::move(make)) {}
    Reply get() {
        std::call_once(made_, [this] { reply_ = make_(); });
        return reply_;
    }

private:
    std::function<Reply()> make_;
    std::once_flag made_;
    Reply reply_;
};

awaitable<Reply> docs(const Request& request, const Parameters& path) {
    auto asset = find_docs_asset(path.empty() ? std::string_view() : path.front().second);
    if (asset) co_return asset_reply(*asset, docs_content_security_policy);
    co_return problem({core::ErrorCode::not_found, "There is no such page of the docs.", {}, {}},
                      request.request_id);
}

}  // namespace

void add_system_routes(Api& api, store::Database& database, std::function<awaitable<std::string>()> metrics,
                       std::string public_url, std::vector<Companion> companions) {
    api.room("system");
    api.raw("/healthz", "Is the process up", [](const Request&, const Parameters&) -> awaitable<Reply> {
        co_return Reply::json(200, R"({"status":"ok"})");
    });
    api.raw("/readyz", "Can it serve: does the database answer",
            [&database, companions = std::move(companions)](const Request& request, const Parameters&) {
                return readiness(database, companions, request);
            });
    api.raw("/metrics", "Figures for Prometheus",
            [metrics = std::move(metrics)](const Request&, const Parameters&) -> awaitable<Reply> {
                Reply reply = Reply::json(200, co_await metrics());
                reply.content_type = "text/plain; version=0.0.4";
                co_return reply;
            });
    auto document = std::make_shared<OnceMade>([&api, public_url = std::move(public_url)] {
        Reply reply = Reply::json(200, openapi_document(api, public_url));
        reply.tag();
        return reply;
    });
    api.raw("/openapi.json", "This document",
            [document](const Request&, const Parameters&) -> awaitable<Reply> { co_return document->get(); });
    api.raw("/docs", "The interactive documentation", docs);
    api.raw("/docs/{file...}", "Its parts", docs);
}

}  // namespace http
