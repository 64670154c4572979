#include "audit/queries.hpp"

#include "core/or_throw.hpp"

namespace audit {
namespace {

constexpr std::int64_t page_entries = 500;
constexpr std::string_view unreadable = "The audit log can't be read";
constexpr std::size_t findings_max = 100;  // a destroyed log needs no longer list

std::string text_of(const Head& head) {
    return std::to_string(head.position) + ":" + head.mac;
}

// Walks from link to link. A link is judged by the MAC stored with the one before it, so that one broken
// entry is one finding and not all that follow.
class Walk {
public:
    Walk(const Key& key, const std::string& known_head) : key_(key), known_head_(known_head) {}

    void visit(const EntryRow& entry) {
        std::int64_t position = *entry.position;
        for (; last_.position + 1 < position; last_ = {last_.position + 1, ""})
            find(last_.position + 1, "the entry is missing");
        if (last_.position > 0 && last_.mac.empty()) {
            // Behind a gap the MAC before is gone with its entry: this link can't be judged, the next can.
        } else if (entry.mac != mac_of(key_, last_, entry)) {
            find(position, "the entry is not what was recorded");
        }
        last_ = {position, entry.mac.value_or("")};
        ++entries_;
        if (text_of(last_) == known_head_) met_known_head_ = true;
    }

    Verdict finish(const Head& head, std::int64_t unchained) {
        for (; last_.position < head.position; last_ = {last_.position + 1, ""})
            find(last_.position + 1, "the entry is missing");
        if (last_.position != head.position || (!last_.mac.empty() && last_.mac != head.mac))
            find(head.position, "the end of the chain is not where it was");
        if (!known_head_.empty() && !met_known_head_)
            find(0, "the chain doesn't go through " + known_head_ + " any more");
        verdict_.entries = entries_ + unchained;
        verdict_.head = text_of(head);
        return std::move(verdict_);
    }

private:
    void find(std::int64_t position, std::string what) {
        if (verdict_.findings.size() < findings_max) verdict_.findings.push_back({position, std::move(what)});
    }

    const Key& key_;
    const std::string& known_head_;
    Head last_;
    std::int64_t entries_ = 0;
    bool met_known_head_ = false;
    Verdict verdict_;
};

}  // namespace

Verdict verify(store::Database& database, const Key& key, const std::string& known_head) {
    // The end first: what is chained meanwhile stands behind it.
    Head head = core::or_throw(
        store::read_now(database, [](store::Tx& tx) { return queries::find_head(tx); }), unreadable);
    Walk walk(key, known_head);
    for (std::int64_t position = 0; position < head.position;) {
        auto page = core::or_throw(
            store::read_now(database,
                            [&](store::Tx& tx) { return queries::list_chained(tx, position, page_entries); }),
            unreadable);
        if (page.empty()) break;
        for (const auto& entry : page) {
            if (*entry.position > head.position) break;
            walk.visit(entry);
        }
        position = *page.back().position;
    }
    auto unchained = core::or_throw(
        store::read_now(database, [](store::Tx& tx) { return queries::count_unchained(tx); }), unreadable);
    return walk.finish(head, unchained);
}

}  // namespace audit
