// The program's log: spdlog on standard error, one line an event, as text or JSON. Texts from outside go
// through quoted(), so that no client can forge a line. Secrets are never passed here.
#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

namespace core {

enum class LogFormat { text, json };

void start_log(LogFormat format, spdlog::level::level_enum level);

// `text` as a JSON string, cut at 500 bytes: control characters can't end the line.
std::string quoted(std::string_view text);

}  // namespace core
