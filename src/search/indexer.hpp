// Keeps the index true to the catalogue: builds it when there is none, then follows the event log from where
// the index says it has come. Owns one thread. Only for this folder's own .cpp files.
#pragma once

#include "search/index.hpp"
#include "search/synonyms.hpp"

#include "jobs/bell.hpp"

#include <functional>
#include <set>
#include <thread>

namespace search {

// What queries need besides the index: the names of categories and staff's synonyms. Made anew when they
// change.
struct Book {
    CategoryPaths paths;
    std::map<core::CategoryId, std::vector<std::string>> category_words;  // of their names
    std::vector<SynonymGroup> synonyms;
};

class Indexer {
public:
    // `changed` is called after each commit of the index.
    Indexer(store::Database& database, Index& index, std::function<void()> changed);
    ~Indexer();

    void start();
    void stop();
    // Until the index is at the end of the log, on the calling thread. For tests; not while started.
    void catch_up();

    std::shared_ptr<const Book> book() const { return book_.load(); }

private:
    void serve();
    void rest(std::chrono::milliseconds time);
    bool step();
    bool open();
    void begin_to_build();
    bool build_some();
    bool follow_some();
    bool follow(const std::vector<store::Database::LoggedEvent>& events);
    void put(const std::vector<std::string>& ids);
    void put_category(const std::string& category_id);
    void load_book();

    store::Database& database_;
    Index& index_;
    std::function<void()> changed_;
    std::shared_ptr<jobs::Bell> bell_;
    std::atomic<std::shared_ptr<const Book>> book_;
    bool is_open_ = false;
    Progress progress_;       // may be ahead of what is committed
    std::size_t passed_ = 0;  // events since the last commit
    std::int64_t built_ = 0;  // products read since the building began
    std::int64_t total_ = 0;
    std::thread thread_;
};

}  // namespace search
