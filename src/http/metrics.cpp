#include "http/metrics.hpp"

#include <prometheus/text_serializer.h>

namespace http {
namespace {

const prometheus::Histogram::BucketBoundaries duration_buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                               0.05,   0.1,   0.25,   0.5,   1.0,  2.5};

prometheus::Family<prometheus::Gauge>& gauge_family(prometheus::Registry& registry, const std::string& name,
                                                    const std::string& help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

Metrics::Metrics(const Api& api)
    : requests_(prometheus::BuildCounter()
                    .Name("kontor_http_requests_total")
                    .Help("Requests answered, by route and class of status.")
                    .Register(registry_)),
      durations_(prometheus::BuildHistogram()
                     .Name("kontor_http_request_seconds")
                     .Help("Time from a whole request to its answer.")
                     .Register(registry_)),
      connections_(gauge_family(registry_, "kontor_http_connections", "Open connections.").Add({})),
      kept_hits_(prometheus::BuildCounter()
                     .Name("kontor_http_kept_answers_total")
                     .Help("Answers given from kept bytes.")
                     .Register(registry_)
                     .Add({})) {
    for (const Operation& operation : api.operations()) {
        routes_[&operation] = make_route(std::string(name_of(operation.method)), operation.path);
    }
    routes_[nullptr] = make_route("any", "unmatched");
    gateway_ = make_route("any", "gateway");
}

Metrics::Route Metrics::make_route(const std::string& method, const std::string& path) {
    Route route;
    for (std::size_t c = 1; c < route.by_status_class.size(); ++c) {
        route.by_status_class[c] =
            &requests_.Add({{"method", method}, {"route", path}, {"status", std::to_string(c) + "xx"}});
    }
    route.seconds = &durations_.Add({{"method", method}, {"route", path}}, duration_buckets);
    return route;
}

void Metrics::count(const Operation* operation, unsigned status, double seconds) {
    const Route& route = routes_.at(operation);
    route.by_status_class[std::min<std::size_t>(status / 100, 5)]->Increment();
    route.seconds->Observe(seconds);
}

void Metrics::count_gateway(unsigned status) {
    gateway_.by_status_class[std::min<std::size_t>(status / 100, 5)]->Increment();
}

void Metrics::add_gauge(const std::string& name, const std::string& help, std::function<double()> value,
                        const prometheus::Labels& labels) {
    gauges_.emplace_back(&gauge_family(registry_, name, help).Add(labels), std::move(value));
}

void Metrics::add_counter(const std::string& name, const std::string& help, std::function<double()> value,
                          const prometheus::Labels& labels) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
    counters_.emplace_back(&family.Add(labels), std::move(value));
}

void Metrics::set_gauge(const std::string& name, const std::string& help, const prometheus::Labels& labels,
                        double value) {
    gauge_family(registry_, name, help).Add(labels).Set(value);
}

std::string Metrics::text() {
    for (auto& [gauge, value] : gauges_)
        gauge->Set(value());
    {
        std::lock_guard lock(counting_);
        for (auto& [counter, value] : counters_)
            counter->Increment(std::max(0.0, value() - counter->Value()));
    }
    return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace http
