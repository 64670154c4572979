// Which value each setting has, and the configuration that they make.
#include "app/config.hpp"
#include "app/env_file.hpp"

#include <cstdlib>

namespace app {

std::string Config::links_lead_to() const {
    std::string url = storefront_url.empty() ? public_url : storefront_url;
    if (url.empty()) url = "http://" + server.address + ":" + std::to_string(server.port);
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

std::string Setting::variable() const {
    std::string variable = "KONTOR_";
    for (char c : name)
        variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return variable;
}

std::vector<ChosenValue> choose_values(const std::vector<std::pair<std::string, std::string>>& flags,
                                       const std::filesystem::path& env_file) {
    auto from_file = read_env_file(env_file);
    std::vector<ChosenValue> values;
    for (const Setting& setting : settings()) {
        ChosenValue value{&setting, setting.fallback, "default"};
        auto in_file = from_file.find(setting.variable());
        if (in_file != from_file.end()) value = {&setting, in_file->second, ".env"};
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing of ours sets any
        if (const char* set = std::getenv(setting.variable().c_str()))
            value = {&setting, set, setting.variable()};
        for (const auto& [name, text] : flags) {
            if (name == setting.name) value = {&setting, text, setting.flag()};
        }
        values.push_back(std::move(value));
    }
    return values;
}

Config make_config(const std::vector<ChosenValue>& values) {
    Config config;
    for (const ChosenValue& value : values) {
        try {
            value.setting->apply(config, value.text);
        } catch (const std::invalid_argument& wrong) {
            throw std::runtime_error("Setting " + value.setting->name + " (from " + value.origin + ") " +
                                     wrong.what() + ".");
        }
    }
    if (config.database.empty()) config.database = "sqlite:" + (config.data / "kontor.db").string();
    config.backups.shop = config.ship.shop = {config.data, config.database};
    if (!config.ship.into.empty() && !config.database.starts_with("sqlite:"))
        throw std::runtime_error(
            "KONTOR_SHIP_TO is for shops on SQLite. PostgreSQL ships its log by itself: see "
            "\"Continuous Archiving\" in its manual.");
    if (config.backups.into.empty()) config.backups.into = config.data / "backups";
    if (!config.smtp_url.empty() && config.mail_from.ends_with(".invalid"))
        throw std::runtime_error(
            "With KONTOR_SMTP_URL, set KONTOR_MAIL_FROM to the address that letters come from.");
    return config;
}

}  // namespace app
