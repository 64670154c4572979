// How a URL names a thing: by its id or by its slug.
#pragma once

#include "core/id.hpp"
#include "core/text.hpp"

namespace catalog {

// An id has an underscore and a slug can't, so a text is never both.
template <class IdType>
class Reference {
public:
    Reference() = default;
    Reference(IdType id) : text_(id.str()), is_id_(true) {}

    static core::Checked<Reference> from_text(std::string_view text) {
        Reference reference;
        reference.text_ = text;
        reference.is_id_ = IdType::from_text(text).has_value();
        if (reference.is_id_ || core::Slug::from_text(text)) return reference;
        return std::unexpected(
            core::Refusal{"invalid_format",
                          "must be an id that starts with " + std::string(IdType::prefix) + "_, or a slug"});
    }
    std::string_view text() const { return text_; }
    bool is_id() const { return is_id_; }
    static boost::json::object schema() {
        return {{"type", "string"},
                {"maxLength", 120},
                {"description", "an id (" + std::string(IdType::prefix) + "_…) or a slug"}};
    }

private:
    std::string text_;
    bool is_id_ = false;
};

using ProductReference = Reference<core::ProductId>;
using CategoryReference = Reference<core::CategoryId>;

}  // namespace catalog
