// A dump's collections, one after the other, document by document: in transactions of some documents each,
// together if it works and one by one to find those that it doesn't work with.
#include "movein/bring.hpp"

#include "core/bson.hpp"
#include "core/json_read.hpp"
#include "core/log.hpp"

namespace movein {
namespace {

constexpr std::size_t batch_documents = 25;  // a transaction that an order can wait behind

constexpr Kind kinds[] = {Kind::users, Kind::categories, Kind::products, Kind::carts, Kind::orders};
constexpr std::string_view brand_collection = "brands";  // names that products refer to

std::string text_of(auto enumerator) {
    return boost::describe::enum_to_string(enumerator, "");
}

Remark remark_of(const core::Error& error) {
    if (error.fields.empty()) return {std::string(core::name_of(error.code)), error.detail};
    Remark remark{error.fields.front().code, {}};
    for (const core::FieldError& field : error.fields) {
        if (!remark.message.empty()) remark.message += "; ";
        remark.message += (field.field.empty() ? "" : field.field + " ") + field.message;
    }
    return remark;
}

class MoveIn {
public:
    MoveIn(store::Database& database, const MoveInOptions& options)
        : database_(database), options_(options), words_(options.mapping), bringer_(options, would_be_) {}

    MoveInReport run(const std::filesystem::path& folder) {
        auto collections = list_collections(folder);
        for (const Collection& collection : collections)
            bytes_ += collection.size;
        choose(collections);
        if (const auto* categories = chosen(Kind::categories)) names_.categories = paths_in(*categories);
        for (const auto& [kind, collection] : chosen_)
            take(kind, collection);
        return std::move(report_);
    }

private:
    const Collection* chosen(Kind kind) const {
        const auto found = chosen_.find(kind);
        return found == chosen_.end() ? nullptr : &found->second;
    }

    // By the mapping or by their usual names; the others are told of.
    void choose(const std::vector<Collection>& collections) {
        std::set<std::string> left;
        for (const Collection& collection : collections)
            left.insert(collection.name);
        for (Kind kind : kinds) {
            for (const std::string& name : words_.collections.of(text_of(kind))) {
                const auto found = std::ranges::find(collections, name, &Collection::name);
                if (found == collections.end()) continue;
                chosen_.emplace(kind, *found);
                left.erase(name);
                break;
            }
            const auto said = options_.mapping.collections.find(text_of(kind));
            if (said != options_.mapping.collections.end() && said->second && !chosen_.contains(kind)) {
                throw UnreadableDump("the dump has no collection " + said->second->str() +
                                     ", which the mapping names. It has: " + listed(collections));
            }
        }
        if (chosen_.empty()) {
            throw UnreadableDump(
                "the dump has none of users, categories, products, carts and orders: say in "
                "a mapping what they are called. It has: " +
                listed(collections));
        }
        const auto brands = std::ranges::find(collections, brand_collection, &Collection::name);
        if (brands != collections.end()) {
            left.erase(brands->name);
            names_.brands = paths_in(*brands);
        }
        report_.not_taken.assign(left.begin(), left.end());
    }

    static std::string listed(const std::vector<Collection>& collections) {
        std::string names;
        for (const Collection& collection : collections)
            names += (names.empty() ? "" : ", ") + collection.name;
        return names;
    }

    // Those that can't be read are told of when their turn comes.
    CategoryPaths paths_in(const Collection& collection) const {
        std::map<std::string, CategoryEntry, std::less<>> entries;
        core::BsonReader reader(core::bytes_of(collection.file));
        try {
            while (auto document = reader.next()) {
                const auto* id = document->members ? document->members->if_contains("_id") : nullptr;
                Remarks remarks;
                if (!id || id_in(*id).empty()) continue;
                auto entry = category_entry(*document->members, words_, remarks);
                if (remarks.errors.empty()) entries.emplace(id_in(*id), std::move(entry));
            }
        } catch (const core::DamagedBson& damaged) {
            spdlog::debug("movein: {}: {}", collection.name, damaged.what());  // told of likewise
        }
        return category_paths(entries);
    }

    void take(Kind kind, const Collection& collection) {
        report_.taken.push_back({kind, collection.name, {}});
        core::BsonReader reader(core::bytes_of(collection.file));
        try {
            while (auto document = reader.next()) {
                take_document(kind, std::move(*document));
                // Categories wait for each other: parents first, whatever their order in the file.
                if (batch_.size() == batch_documents && kind != Kind::categories)
                    store_batch(kind, reader.bytes_read());
            }
        } catch (const core::DamagedBson& damaged) {
            tell("", Outcome::refused, {}, {"damaged", damaged.what()});
        }
        store_batch(kind, reader.bytes_read());
        bytes_passed_ += collection.size;
    }

    void take_document(Kind kind, core::BsonDocument document) {
        ++documents_;
        std::string id = document.id.empty() ? "@" + std::to_string(document.offset) : document.id;
        if (!document.members)
            return tell(id, Outcome::refused, {},
                        {document.members.error().code, document.members.error().message});
        const auto* own = document.members->if_contains("_id");
        Item item{own ? id_in(*own) : std::string(), {}, {}, {}};
        if (item.old_id.empty())
            return tell(id, Outcome::refused, {}, {"id_missing", "There is no _id that can be remembered"});
        item.document = translate(kind, *document.members, item.old_id);
        auto& [errors, notes] = item.document.remarks;
        if (item.document.left_out) return tell(item.old_id, Outcome::skipped, {}, notes.back());
        if (!errors.empty()) return refuse(item.old_id, errors);
        if (kind == Kind::products && !ready_product(item)) return;
        if (const auto* hash = item.document.wanted.if_contains("password_hash"); hash && options_.on_hash)
            options_.on_hash(std::string(hash->as_string()));
        batch_.push_back(std::move(item));
    }

    Translated translate(Kind kind, const boost::json::object& document, const std::string& old_id) const {
        switch (kind) {
            case Kind::users: return translate_user(document, words_, old_id);
            case Kind::categories: return translate_category(document, names_.categories, old_id);
            case Kind::products: return translate_product(document, options_.mapping, words_, names_, old_id);
            case Kind::carts: return translate_cart(document, words_);
            case Kind::orders: return translate_order(document, options_.mapping, words_, old_id);
        }
        std::unreachable();
    }

    // Checks it, and decodes the pictures of what hasn't come yet. False: it was refused.
    bool ready_product(Item& item) {
        item.product.emplace();
        core::FieldErrors errors;
        core::read_json(boost::json::value(item.document.wanted), *item.product, core::JsonPath{}, errors);
        if (!errors.empty()) {
            tell(item.old_id, Outcome::refused, {}, remark_of(std::move(errors).to_error()));
            return false;
        }
        auto come = store::read_now(
            database_, [&](store::Tx& tx) { return bringer_.has_come(tx, Kind::products, item); });
        if (come && *come) return true;
        std::vector<bulk::ImportIssue> notes;
        item.pictures =
            bulk::take_pictures(options_.pictures, options_.dry_run, item.product->images, 0, notes);
        for (bulk::ImportIssue& note : notes)
            item.document.remarks.notes.push_back({std::move(note.code), std::move(note.message)});
        return true;
    }

    void store_batch(Kind kind, std::uint64_t bytes_read) {
        if (kind == Kind::categories) std::ranges::sort(batch_, {}, depth_of);
        for (std::size_t at = 0; at < batch_.size(); at += batch_documents) {
            const auto part = std::span(batch_).subspan(at, std::min(batch_documents, batch_.size() - at));
            if (store(kind, part)) continue;
            for (const Item& item : part) {
                auto stored = store(kind, {&item, 1});
                if (!stored) tell(item.old_id, Outcome::refused, {}, remark_of(stored.error()));
            }
        }
        batch_.clear();
        const double share =
            bytes_ == 0 ? 1 : static_cast<double>(bytes_passed_ + bytes_read) / static_cast<double>(bytes_);
        if (options_.on_progress) options_.on_progress(share, documents_);
    }

    static std::size_t depth_of(const Item& category) {
        return category.document.wanted.at("names").as_array().size();
    }

    core::Result<void> store(Kind kind, std::span<const Item> items) {
        std::vector<Brought> all;
        auto stored = bulk::write_part(database_, options_.dry_run, [&](store::Tx& tx) -> core::Result<void> {
            all.clear();
            for (const Item& item : items) {
                auto brought = bringer_.bring(tx, kind, item);
                if (!brought) return std::unexpected(std::move(brought.error()));
                all.push_back(std::move(*brought));
            }
            return {};
        });
        if (!stored) return stored;
        for (std::size_t i = 0; i < items.size(); ++i)
            tell_of(kind, items[i], all[i]);
        return {};
    }

    void tell_of(Kind kind, const Item& item, const Brought& brought) {
        if (options_.dry_run && brought.outcome == Outcome::created) would_be_[kind].insert(item.old_id);
        const std::string new_id = options_.dry_run ? std::string() : brought.new_id;
        const bool skipped = brought.outcome == Outcome::skipped;
        tell(item.old_id, brought.outcome, new_id, skipped ? brought.remarks.front() : Remark());
        if (skipped || brought.outcome == Outcome::unchanged) return;
        for (const auto* remarks : {&item.document.remarks.notes, &brought.remarks}) {
            for (const Remark& remark : *remarks)
                tell_row({report_.taken.back().collection, item.old_id, "note", new_id, remark.code,
                          remark.message});
        }
    }

    void refuse(const std::string& id, const std::vector<Remark>& errors) {
        Remark all = errors.front();
        for (std::size_t i = 1; i < errors.size(); ++i)
            all.message += "; " + errors[i].message;
        tell(id, Outcome::refused, {}, all);
    }

    void tell(const std::string& id, Outcome outcome, const std::string& new_id, const Remark& remark) {
        CollectionSums& sums = report_.taken.back();
        ++sums.documents[outcome];
        if (outcome == Outcome::unchanged) return;
        tell_row({sums.collection, id, text_of(outcome), new_id, remark.code, remark.message});
    }
    void tell_row(const MovedRow& row) {
        if (options_.on_row) options_.on_row(row);
    }

    store::Database& database_;
    const MoveInOptions& options_;
    const Vocabulary words_;
    WouldBe would_be_;
    const Bringer bringer_;
    std::map<Kind, Collection> chosen_;
    NamesThere names_;
    std::vector<Item> batch_;
    std::uint64_t bytes_ = 0;  // of all files
    std::uint64_t bytes_passed_ = 0;
    std::int64_t documents_ = 0;
    MoveInReport report_;
};

}  // namespace

bool MoveInReport::has_refused() const {
    return std::ranges::any_of(
        taken, [](const CollectionSums& sums) { return sums.documents.contains(Outcome::refused); });
}

MoveInReport import_mongodump(store::Database& database, const std::filesystem::path& folder,
                              const MoveInOptions& options) {
    return MoveIn(database, options).run(folder);
}

}  // namespace movein
