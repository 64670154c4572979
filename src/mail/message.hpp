// A letter ready to go out, and the two ways it can go: through an SMTP server, or into files for shops that
// have none yet.
#pragma once

#include "core/text.hpp"
#include "core/time.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mail {

// Words that may stand in a header. Control characters become spaces on the way in, so that no name and no
// subject can end its line and begin a header of its own; long ones are cut, so that a line stays below
// SMTP's 998 bytes.
class OneLine {
public:
    OneLine() = default;
    explicit OneLine(std::string_view text);
    const std::string& str() const { return text_; }
    // As a header takes it: plain, or encoded words (RFC 2047 §2) where it holds more than ASCII.
    std::string encoded() const;

private:
    std::string text_;
};

struct Message {
    std::string id;  // the letter's; makes its Message-ID, the same at each attempt
    std::string kind;
    core::Email from;
    OneLine from_name;
    core::Email to;
    OneLine subject;
    std::string text;  // lines end with \n
    std::string html;
    core::Time written_at;

    // The header lines of the message itself: From, To, Subject, Date, Message-ID, Auto-Submitted (RFC 3834
    // §5).
    std::vector<std::string> headers() const;
};

struct Delivery {
    enum class Outcome {
        delivered,
        put_off,      // this letter was refused for now: try it again later
        refused,      // this letter was refused for good
        unreachable,  // the server doesn't answer, or won't have us: try again later, with any letter
    };
    Outcome outcome = Outcome::delivered;
    std::string reason = {};  // for the log
};

// Blocks until it is done or `stop` asks to break off, which counts as unreachable.
using Deliver = std::function<Delivery(const Message&, const std::stop_token& stop)>;

struct SmtpSettings {
    std::string url;           // smtp://user:password@host:587, smtps://host:465; secret
    bool requires_tls = true;  // for smtp://: no letter without STARTTLS
};
Deliver by_smtp(SmtpSettings settings);

// Each letter as NAME.txt, with its headers, and NAME.html, readable for the owner of the process alone,
// because links that reset passwords are in there. Keeps the newest 1,000.
Deliver to_folder(std::filesystem::path folder);

}  // namespace mail
