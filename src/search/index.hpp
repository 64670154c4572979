// The index on disk: a Xapian database in a folder of this node's own. One writer, any number of readers;
// what readers see changes with a commit only, all at once. Only for this folder's own .cpp files.
#pragma once

#include "search/document.hpp"

#include "store/database.hpp"

#include <atomic>
#include <filesystem>
#include <mutex>

namespace search {

using Position = store::Database::Position;

// How far the index has come: how much of the event log is in it, and, while it is built anew, the product up
// to which the catalogue has been read. Committed together with what it speaks of.
struct Progress {
    Position followed;
    std::string built_to;
    bool is_built = false;
};

class Index {
public:
    Index(std::filesystem::path folder, std::string language);

    // --- one thread ---

    // Opens what is there. False if nothing is, or something that can't be used: broken, or made in another
    // form or for another language.
    bool open();
    // Throws away what is there and begins with an empty index.
    void begin_anew(const Progress& progress);
    bool is_gone() const;  // somebody deleted the folder
    Progress progress() const;
    void put(const catalog::Product& product, const CategoryPaths& paths);
    void remove(std::string_view product_id);
    // Whether the product's document says something else about its stock.
    bool differs(const catalog::StockState& state) const;
    void commit(const Progress& progress);

    // --- any thread ---

    struct Reader {
        Xapian::Database database;
        Xapian::Stem stem;
        std::uint64_t generation = 0;
    };

    // Calls use(Reader&) on the newest commit; again if the writer overtook it by two commits meanwhile.
    template <class Use>
    auto read(Use use) {
        for (int attempt = 1;; ++attempt) {
            std::unique_ptr<Reader> reader = lend();
            try {
                auto result = use(*reader);
                give_back(std::move(reader));
                return result;
            } catch (const Xapian::DatabaseModifiedError&) {
                if (attempt == attempts_max) throw;
            }
        }
    }

private:
    static constexpr int attempts_max = 5;

    std::string form() const;
    Xapian::docid find(std::string_view product_id) const;  // 0: there is none
    void forget_spelled(Xapian::docid id);
    void write_progress(const Progress& progress);
    std::unique_ptr<Reader> lend();
    void give_back(std::unique_ptr<Reader> reader);

    const std::filesystem::path folder_;
    const std::string language_;
    Xapian::Stem stem_;
    std::optional<Xapian::WritableDatabase> writer_;

    std::atomic<std::uint64_t> generation_{1};
    std::mutex mutex_;
    std::vector<std::unique_ptr<Reader>> idle_;
};

}  // namespace search
