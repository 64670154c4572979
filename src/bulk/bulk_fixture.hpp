// What this folder's tests share: files that are texts, brought into a shop by its staff.
#pragma once

#include "bulk/bulk.hpp"

#include "support/test_database.hpp"

namespace bulk {

inline Source source_of(std::string text, Format format) {
    auto kept = std::make_shared<const std::string>(std::move(text));
    return {[kept, at = std::size_t{0}](std::span<char> room) mutable {
                const std::size_t size = kept->copy(room.data(), room.size(), std::min(at, kept->size()));
                at += size;
                return size;
            },
            kept->size(), format};
}

class ImportTest : public support::OnBothEngines {
protected:
    static core::Caller staff() {
        core::Caller caller;
        caller.role = core::Role::manager;
        caller.permissions = core::permissions_of(core::Role::manager);
        return caller;
    }
    ImportReport import(std::string text, const ImportOptions& options = {}, Format format = Format::csv) {
        return import_products(db(), staff(), source_of(std::move(text), format), options);
    }
    catalog::Product product(const std::string& slug) {
        return support::must(read([&](store::Tx& tx) {
            return catalog::get_product(tx, staff(), {*catalog::ProductReference::from_text(slug)});
        }));
    }
    std::int64_t count() {
        return support::must(read([](store::Tx& tx) { return catalog::count_products(tx); }));
    }
    // "created updated unchanged failed"
    static std::string sums(const ImportReport& report) {
        return std::to_string(report.created) + " " + std::to_string(report.updated) + " " +
               std::to_string(report.unchanged) + " " + std::to_string(report.failed);
    }
    // "line code", one after the other.
    static std::string told(const std::vector<ImportIssue>& issues) {
        std::string text;
        for (const ImportIssue& issue : issues)
            text += (text.empty() ? "" : ", ") + std::to_string(issue.line) + " " + issue.code;
        return text;
    }
};

}  // namespace bulk
