// The category tree of the former shop.
#include "movein/translate.hpp"

#include <boost/json/array.hpp>

#include <set>

namespace movein {

CategoryEntry category_entry(const boost::json::object& document, const Vocabulary& words, Remarks& remarks) {
    const Fields fields(document, words.categories, remarks);
    CategoryEntry entry{fields.text("name"), fields.id("parent")};
    if (entry.name.empty()) fields.error("required", "name is required of a category");
    return entry;
}

CategoryPaths category_paths(const std::map<std::string, CategoryEntry, std::less<>>& entries) {
    CategoryPaths paths;
    for (const auto& [old_id, entry] : entries) {
        std::vector<std::string> names;
        std::set<std::string_view> passed;
        for (auto at = entries.find(old_id); at != entries.end(); at = entries.find(at->second.parent)) {
            if (!passed.insert(at->first).second) {
                names = {entry.name};
                break;
            }
            names.insert(names.begin(), at->second.name);
            if (names.size() > catalog::category_depth_max) break;  // is refused anyway, however long it is
        }
        paths.emplace(old_id, std::move(names));
    }
    return paths;
}

Translated translate_category(const boost::json::object&, const CategoryPaths& paths,
                              std::string_view old_id) {
    Translated category;
    const auto path = paths.find(old_id);
    if (path == paths.end()) {
        category.remarks.errors.push_back({"required", "name is required of a category"});
        return category;
    }
    boost::json::array names(path->second.begin(), path->second.end());
    category.wanted["names"] = std::move(names);
    return category;
}

}  // namespace movein
