// Drafts into the shop: in transactions of some products each, together if it works and one by one to find
// those that it doesn't work with.
#include "bulk/draft.hpp"
#include "store/turns.hpp"

#include <thread>

namespace bulk {
namespace {

// A transaction of that many variants takes some ten milliseconds, which an order that waits behind it can
// bear.
constexpr std::size_t batch_variants = 25;
// Where writers don't wait in turn, the store is left to others for this share of the time that a transaction
// took.
constexpr double rest_share = 0.3;

// A store that is busy isn't the file's fault.
constexpr int attempts_max = 20;
constexpr std::chrono::milliseconds busy_rest{500};

using PathIds = std::map<std::string, core::CategoryId, std::less<>>;

// What a transaction of drafts came to.
struct Outcome {
    std::vector<catalog::PutOutcome> outcomes;
    PathIds made;  // categories that this transaction looked up or made
    std::vector<ImportIssue> notes;
};

bool is_busy(const core::Result<void>& result) {
    return !result && result.error().code == core::ErrorCode::overloaded;
}

class Import {
public:
    Import(store::Database& database, const core::Caller& caller, const ImportOptions& options)
        : database_(database), caller_(caller), options_(options) {
        report_.dry_run = options.dry_run;
    }

    ImportReport run(Source source) {
        DraftReader reader(std::move(source), {options_.currency});
        report_.format = reader.format();
        if (!options_.format.empty() && options_.format != report_.format) {
            throw UnreadableFile("the file isn't " + options_.format + " but " + report_.format +
                                 ": `kontor import products` takes it");
        }
        learn_categories();
        while (auto draft = reader.next()) {
            if (options_.should_stop && options_.should_stop())
                throw ImportStopped(
                    "The server stops. Import the file again: what is in already stays as it is.");
            take(std::move(*draft));
            if (variants_ >= batch_variants) store_batch(reader.share_read());
        }
        store_batch(1);
        return std::move(report_);
    }

private:
    void take(Draft draft) {
        std::vector<ReadyPicture> pictures;
        if (draft.errors.empty()) {
            pictures = take_pictures(options_.pictures, options_.dry_run, draft.product.images, draft.line,
                                     draft.notes);
        }
        for (const ImportIssue& note : draft.notes)
            tell(note, false);
        if (!draft.errors.empty()) return fail(draft);
        if (draft.is_empty) return;
        variants_ += std::max<std::size_t>(1, draft.product.variants.size());
        batch_.push_back({std::move(draft), std::move(pictures)});
    }

    void store_batch(double share) {
        if (!store(batch_)) {
            known_paths_.clear();  // a category may be gone
            for (Ready& ready : batch_) {
                auto stored = store({&ready, 1});
                if (stored) continue;
                add_errors(ready.draft, stored.error());
                fail(ready.draft);
            }
        }
        products_ += static_cast<std::int64_t>(batch_.size());
        batch_.clear();
        variants_ = 0;
        if (options_.on_progress) options_.on_progress(share, products_);
    }

    struct Ready {
        Draft draft;
        std::vector<ReadyPicture> pictures;
    };

    core::Result<void> store(std::span<Ready> batch) {
        Outcome outcome;
        auto work = [&](store::Tx& tx) -> core::Result<void> {
            outcome = {};
            return put(tx, batch, outcome);
        };
        auto stored = write_part(database_, options_.dry_run, work);
        if (!stored) return stored;
        if (!options_.dry_run) known_paths_.merge(outcome.made);
        for (catalog::PutOutcome one : outcome.outcomes) {
            report_.created += one == catalog::PutOutcome::created;
            report_.updated += one == catalog::PutOutcome::updated;
            report_.unchanged += one == catalog::PutOutcome::unchanged;
        }
        for (const ImportIssue& note : outcome.notes)
            tell(note, false);
        return {};
    }

    core::Result<void> put(store::Tx& tx, std::span<const Ready> batch, Outcome& outcome) {
        std::vector<catalog::Put> puts;
        for (const Ready& ready : batch) {
            auto wanted = put_of(tx, ready.draft.product, outcome.made);
            if (!wanted) return std::unexpected(std::move(wanted.error()));
            puts.push_back(std::move(*wanted));
        }
        auto done = catalog::put_products(tx, caller_, puts);
        if (!done) return std::unexpected(std::move(done.error()));
        for (std::size_t i = 0; i < batch.size(); ++i) {
            catalog::PutOutcome one = (*done)[i].outcome;
            const bool pictured =
                add_pictures(tx, (*done)[i].id, batch[i].pictures, batch[i].draft.line, outcome.notes);
            if (pictured && one == catalog::PutOutcome::unchanged) one = catalog::PutOutcome::updated;
            outcome.outcomes.push_back(one);
        }
        return {};
    }

    core::Result<catalog::Put> put_of(store::Tx& tx, const catalog::PutProduct& product, PathIds& made) {
        catalog::Put put{&product};
        if (!product.categories) return put;
        put.categories.emplace();
        for (const auto& path : *product.categories) {
            auto category = category_at(tx, path.str(), made);
            if (!category) return std::unexpected(std::move(category.error()));
            put.categories->push_back(*category);
        }
        return put;
    }

    // Those there are, so that only new ones are looked for in the tree.
    void learn_categories() {
        auto tree = store::read_now(database_,
                                    [&](store::Tx& tx) { return catalog::list_categories(tx, caller_, {}); });
        if (tree) learn(tree->data);
    }
    void learn(const std::vector<catalog::Category>& categories) {
        for (const catalog::Category& category : categories) {
            std::vector<std::string> names;
            for (const catalog::CategoryLink& link : category.path)
                names.push_back(link.name);
            known_paths_.emplace(catalog::path_of_names(names), category.id);
            learn(category.children);
        }
    }

    core::Result<core::CategoryId> category_at(store::Tx& tx, const std::string& path, PathIds& made) {
        if (auto known = known_paths_.find(path); known != known_paths_.end()) return known->second;
        if (auto known = made.find(path); known != made.end()) return known->second;
        auto category = catalog::ensure_category(tx, caller_, catalog::names_of_path(path));
        if (category) made.emplace(path, *category);
        return category;
    }

    void fail(const Draft& draft) {
        ++report_.failed;
        for (const ImportIssue& error : draft.errors)
            tell(error, true);
    }

    void tell(const ImportIssue& issue, bool is_error) {
        auto& shown = is_error ? report_.errors : report_.notes;
        if (shown.size() < issues_shown_max) shown.push_back(issue);
        if (options_.on_issue) options_.on_issue(issue, is_error);
    }

    store::Database& database_;
    const core::Caller& caller_;
    const ImportOptions& options_;
    std::vector<Ready> batch_;
    std::size_t variants_ = 0;   // in the batch
    std::int64_t products_ = 0;  // passed
    PathIds known_paths_;        // categories that are committed
    ImportReport report_;
};

}  // namespace

core::Result<void> write_part(store::Database& database, bool dry_run,
                              const std::function<core::Result<void>(store::Tx&)>& work) {
    bool tried = false;
    auto kept_or_not = [&](store::Tx& tx) -> core::Result<void> {
        tried = false;
        auto done = work(tx);
        if (!done || !dry_run) return done;
        tx.get<int>("select 1");  // behind its answer nothing is under way that could still fail
        tried = true;
        return core::fail(core::ErrorCode::conflict, "A dry run keeps nothing.");
    };
    const auto began = std::chrono::steady_clock::now();
    auto stored = store::write_now(database, kept_or_not);
    for (int attempt = 1; is_busy(stored) && attempt < attempts_max; ++attempt) {
        std::this_thread::sleep_for(busy_rest);
        stored = store::write_now(database, kept_or_not);
    }
    if (!store::writers_wait_in_turn(database))
        std::this_thread::sleep_for((std::chrono::steady_clock::now() - began) * rest_share);
    return tried ? core::Result<void>() : stored;
}

ImportReport import_products(store::Database& database, const core::Caller& caller, Source source,
                             const ImportOptions& options) {
    return Import(database, caller, options).run(std::move(source));
}

}  // namespace bulk
