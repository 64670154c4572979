// Where a parcel can be followed: a link that shops show to customers, so nothing but http and https.
#pragma once

#include "core/text.hpp"

namespace orders {

class TrackingUrl {
public:
    static core::Checked<TrackingUrl> from_text(std::string_view text) {
        if (auto refusal = core::refuse_text(text, 1, length_max)) return std::unexpected(*refusal);
        bool is_web = text.starts_with("https://") || text.starts_with("http://");
        if (!is_web || text.find_first_of(" \t\r\n\"<>\\") != std::string_view::npos) {
            return std::unexpected(core::Refusal{"invalid_format", "must be an http or https URL"});
        }
        TrackingUrl url;
        url.text_ = text;
        return url;
    }
    std::string_view text() const { return text_; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"format", "uri"}, {"pattern", "^https?://"}, {"maxLength", length_max}};
    }

private:
    static constexpr std::size_t length_max = 2000;
    std::string text_;
};

}  // namespace orders
