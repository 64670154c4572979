// Figures for Prometheus (text format 0.0.4), kept by prometheus-cpp.
#pragma once

#include "http/api.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <mutex>
#include <unordered_map>

namespace http {

class Metrics {
public:
    explicit Metrics(const Api& api);

    // One answered request; `operation` is null where no route matched. `seconds` from its first byte to its
    // answer.
    void count(const Operation* operation, unsigned status, double seconds);

    // The same for a gateway's: how long its answers wait says nothing.
    void count_gateway(unsigned status);

    prometheus::Gauge& connections() { return connections_; }
    prometheus::Counter& kept_hits() { return kept_hits_; }

    // A figure that is read when somebody asks for it; figures of one name differ in their labels.
    void add_gauge(const std::string& name, const std::string& help, std::function<double()> value,
                   const prometheus::Labels& labels = {});
    // The same for what only grows.
    void add_counter(const std::string& name, const std::string& help, std::function<double()> value,
                     const prometheus::Labels& labels = {});
    // Sets one that can't be read at once.
    void set_gauge(const std::string& name, const std::string& help, const prometheus::Labels& labels,
                   double value);

    std::string text();

private:
    struct Route {
        std::array<prometheus::Counter*, 6> by_status_class{};  // [2] counts 2xx; [0] is null
        prometheus::Histogram* seconds = nullptr;
    };
    Route make_route(const std::string& method, const std::string& path);

    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Family<prometheus::Histogram>& durations_;
    prometheus::Gauge& connections_;
    prometheus::Counter& kept_hits_;
    std::unordered_map<const Operation*, Route> routes_;
    Route gateway_;
    std::vector<std::pair<prometheus::Gauge*, std::function<double()>>> gauges_;
    std::vector<std::pair<prometheus::Counter*, std::function<double()>>> counters_;
    std::mutex counting_;  // of who adds to counters_ what has come since the last time
};

}  // namespace http
