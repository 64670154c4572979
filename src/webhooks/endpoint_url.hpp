// Where an endpoint lives: an absolute https:// URL, without user, password and fragment.
#pragma once

#include "core/text.hpp"

namespace webhooks {

class EndpointUrl {
public:
    static core::Checked<EndpointUrl> from_text(std::string_view text);
    // For values that come from our own rows.
    static EndpointUrl trusted(std::string text);
    std::string_view text() const { return text_; }
    const std::string& str() const { return text_; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"format", "uri"}, {"maxLength", length_max}};
    }

    // Plain http, or an address literal that is not public: for shops that allow such targets only.
    bool is_internal() const;

private:
    static constexpr std::size_t length_max = 2000;
    std::string text_;
};

}  // namespace webhooks
