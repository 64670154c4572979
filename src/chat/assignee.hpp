// Whose a conversation is among the team, as a list asks for it: "me", "none" (the queue) or an agent's id.
#pragma once

#include "core/id.hpp"
#include "core/text.hpp"

namespace chat {

class Assignee {
public:
    static core::Checked<Assignee> from_text(std::string_view text) {
        Assignee assignee;
        assignee.text_ = text;
        if (text == "me" || text == "none") return assignee;
        assignee.id_ = core::UserId::from_text(text);
        if (assignee.id_) return assignee;
        return std::unexpected(core::Refusal{"invalid_value", "must be me, none or the id of an agent"});
    }
    std::string_view text() const { return text_; }
    bool is_nobody() const { return text_ == "none"; }
    core::UserId resolved(core::UserId me) const { return id_.value_or(me); }
    static boost::json::object schema() {
        return {{"type", "string"}, {"pattern", "^(me|none|usr_[0-7][0-9A-HJKMNP-TV-Z]{25})$"}};
    }

private:
    std::string text_;
    std::optional<core::UserId> id_;
};

}  // namespace chat
