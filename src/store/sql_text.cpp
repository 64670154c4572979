#include "store/sql_text.hpp"

#include "core/json_write.hpp"

namespace store {
namespace {

constexpr bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

class Scanner {
public:
    explicit Scanner(std::string_view sql) : sql_(sql) {}

    std::string rewrite() {
        out_.reserve(sql_.size() + 32);
        while (at_ < sql_.size()) {
            if (copy_quoted() || copy_comment() || list("=", "any", " in ") || list("<>", "all", " not in "))
                continue;
            if (pass_locking()) continue;
            if (sql_[at_] == '$' && at_ + 1 < sql_.size() && is_digit(sql_[at_ + 1])) {
                out_ += '?';
            } else {
                out_ += sql_[at_];
            }
            ++at_;
        }
        return std::move(out_);
    }

private:
    void copy_to(std::size_t end) {
        end = std::min(end, sql_.size());
        out_ += sql_.substr(at_, end - at_);
        at_ = end;
    }

    // A doubled quote inside reads as the end of one literal and the start of the next, which copies the same
    // text.
    bool copy_quoted() {
        char quote = sql_[at_];
        if (quote != '\'' && quote != '"') return false;
        auto end = sql_.find(quote, at_ + 1);
        copy_to(end == sql_.npos ? end : end + 1);
        return true;
    }

    bool copy_comment() {
        auto rest = sql_.substr(at_);
        if (rest.starts_with("--")) {
            copy_to(sql_.find('\n', at_));
            return true;
        }
        if (rest.starts_with("/*")) {
            auto end = sql_.find("*/", at_ + 2);
            copy_to(end == sql_.npos ? end : end + 2);
            return true;
        }
        return false;
    }

    // Reads `word` at `at` after any spaces, moving past it.
    bool read(std::size_t& at, std::string_view word) const {
        while (at < sql_.size() && is_space(sql_[at]))
            ++at;
        if (at + word.size() > sql_.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (lower(sql_[at + i]) != word[i]) return false;
        }
        at += word.size();
        return true;
    }

    bool list(std::string_view comparison, std::string_view quantifier, std::string_view instead) {
        if (sql_[at_] != comparison[0]) return false;
        // `<=`, `>=` and `!=` end in the same sign as `=`.
        if (at_ > 0 && comparison == "=" && std::string_view("<>!").contains(sql_[at_ - 1])) return false;
        auto at = at_;
        if (!read(at, comparison) || !read(at, quantifier) || !read(at, "(") || !read(at, "$")) return false;
        auto first = at;
        while (at < sql_.size() && is_digit(sql_[at]))
            ++at;
        auto number = sql_.substr(first, at - first);
        if (number.empty() || !read(at, ")")) return false;
        out_ += instead;
        out_ += "(select value from json_each(?";
        out_ += number;
        out_ += "))";
        at_ = at;
        return true;
    }

    bool pass_locking() {
        if (!is_space(sql_[at_])) return false;
        auto at = at_;
        for (std::string_view word : {"for", "update", "skip", "locked"}) {
            if (!read(at, word)) return false;
        }
        at_ = at;
        return true;
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

std::string for_sqlite(std::string_view sql) {
    return Scanner(sql).rewrite();
}

std::string json_array(std::span<const std::string> values) {
    std::string out = "[";
    for (auto& value : values) {
        if (out.size() > 1) out += ',';
        core::write_json_string(out, value);
    }
    return out + "]";
}

std::string postgres_array(std::span<const std::string> values) {
    std::string out = "{";
    for (auto& value : values) {
        if (out.size() > 1) out += ',';
        out += '"';
        for (char c : value) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    return out + "}";
}

}  // namespace store
