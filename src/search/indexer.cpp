#include "search/indexer.hpp"

#include "core/thread.hpp"
#include "search/words.hpp"

#include "core/log.hpp"
#include "core/or_throw.hpp"

namespace search {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds poll_every{400};    // catches what no ring tells of: other programs' events
constexpr milliseconds rest_after{100};    // between commits, so that a burst of changes shares one
constexpr milliseconds retry_after{2000};  // after a failure: a full disk, a database that is away
constexpr int events_page = 1000;
constexpr std::size_t passed_max = 20'000;   // events of no concern until a commit says that they were seen
constexpr std::int64_t products_page = 500;  // read from the database at once
constexpr std::int64_t products_commit = 10'000;  // between commits while building: large ones are cheaper

core::Caller indexer() {
    core::Caller caller;
    caller.permissions = {core::Permission::catalog_write};
    return caller;
}

bool comes_after(Position a, Position b) {
    return std::pair(a.transaction, a.id) > std::pair(b.transaction, b.id);
}

}  // namespace

Indexer::Indexer(store::Database& database, Index& index, std::function<void()> changed)
    : database_(database),
      index_(index),
      changed_(std::move(changed)),
      bell_(jobs::bell_of_commits(database)),
      book_(std::make_shared<const Book>()) {}

Indexer::~Indexer() {
    stop();
}

void Indexer::start() {
    thread_ = std::thread([this] { serve(); });
}

void Indexer::stop() {
    bell_->stop();
    if (thread_.joinable()) thread_.join();
}

void Indexer::serve() {
    core::begin_background_thread("search-index");
    while (!bell_->is_stopped()) {
        try {
            if (step()) {
                if (progress_.is_built) rest(rest_after);
            } else {
                bell_->wait_until(steady_clock::now() + poll_every);
            }
        } catch (const Xapian::Error& error) {
            spdlog::error("search: the index failed and is opened again: {}", core::quoted(error.get_msg()));
            is_open_ = false;
            rest(retry_after);
        } catch (const std::exception& error) {
            spdlog::error("search: the index can't follow and tries again: {}", core::quoted(error.what()));
            rest(retry_after);
        }
    }
}

// Rings don't end it.
void Indexer::rest(milliseconds time) {
    const auto until = steady_clock::now() + time;
    while (!bell_->is_stopped() && steady_clock::now() < until)
        bell_->wait_until(until);
    bell_->ring();
}

void Indexer::catch_up() {
    while (step()) {
    }
}

// A bounded piece of work; true if there may be more at once.
bool Indexer::step() {
    if (!is_open_) return open();
    if (index_.is_gone()) {
        spdlog::warn("search: the index was deleted");
        is_open_ = false;
        return true;
    }
    return progress_.is_built ? follow_some() : build_some();
}

bool Indexer::open() {
    load_book();
    auto last =
        core::or_throw(store::read_now(database_, [&](store::Tx& tx) { return database_.last_event(tx); }));
    const bool opened = index_.open();
    if (opened) progress_ = index_.progress();
    // An index that has seen more than ever happened is another database's.
    if (!opened || comes_after(progress_.followed, last)) {
        progress_ = {last, "", false};
        index_.begin_anew(progress_);
    }
    if (!progress_.is_built) begin_to_build();
    is_open_ = true;
    return true;
}

// Counting a million products takes a moment, which only those who build have to spend.
void Indexer::begin_to_build() {
    total_ = core::or_throw(store::read_now(database_, catalog::count_products));
    built_ = 0;
    if (progress_.built_to.empty()) {
        spdlog::info("search: building the index of {} products", total_);
    } else {
        spdlog::info("search: going on with the index behind {}", progress_.built_to);
    }
}

// The catalogue is read by ids in several transactions; what changes meanwhile stands in the log behind
// progress_.followed, and is followed afterwards.
bool Indexer::build_some() {
    std::int64_t since_commit = 0;
    while (since_commit < products_commit && !bell_->is_stopped()) {
        auto ids = core::or_throw(store::read_now(database_, [&](store::Tx& tx) {
            return catalog::list_product_ids(tx, progress_.built_to, products_page);
        }));
        if (ids.empty()) {
            progress_.is_built = true;
            break;
        }
        put(ids);
        progress_.built_to = ids.back();
        since_commit += static_cast<std::int64_t>(ids.size());
    }
    index_.commit(progress_);
    changed_();
    built_ += since_commit;
    if (progress_.is_built) {
        spdlog::info("search: the index is complete");
    } else {
        spdlog::info("search: {} of {} products indexed", std::min(built_, total_), total_);
    }
    return true;
}

bool Indexer::follow_some() {
    auto events = core::or_throw(store::read_now(database_, [&](store::Tx& tx) {
        return database_.events_after(tx, progress_.followed, events_page);
    }));
    if (events.empty()) return false;
    const bool touched = follow(events);
    progress_.followed = events.back().position;
    passed_ += events.size();
    if (!touched && passed_ < passed_max) return true;
    index_.commit(progress_);
    passed_ = 0;
    if (touched) changed_();
    return true;
}

// False if the events, orders for one, say nothing that is in the index.
bool Indexer::follow(const std::vector<store::Database::LoggedEvent>& events) {
    std::set<std::string> products;
    std::set<std::string> sold;
    std::set<std::string> categories;
    bool book_changed = false;
    for (const auto& [position, event] : events) {
        if (event.type.starts_with("product.")) products.insert(event.subject);
        if (event.type == "stock.changed") sold.insert(event.subject);
        if (event.type.starts_with("category.")) categories.insert(event.subject);
        book_changed = book_changed || event.type == synonyms_changed;
    }
    if (book_changed || !categories.empty()) load_book();
    // Most orders leave something in stock: nothing to write.
    auto states = core::or_throw(store::read_now(database_, [&](store::Tx& tx) {
        return catalog::list_stock_states(tx, {sold.begin(), sold.end()});
    }));
    for (const catalog::StockState& state : states) {
        if (index_.differs(state)) products.insert(state.product_id.str());
    }
    put({products.begin(), products.end()});
    for (const std::string& category : categories)
        put_category(category);
    return book_changed || !products.empty() || !categories.empty();
}

void Indexer::put(const std::vector<std::string>& ids) {
    for (std::size_t begin = 0; begin < ids.size(); begin += products_page) {
        auto end = std::min(ids.size(), begin + static_cast<std::size_t>(products_page));
        std::vector<std::string> part(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                      ids.begin() + static_cast<std::ptrdiff_t>(end));
        auto products = core::or_throw(store::read_now(
            database_, [&](store::Tx& tx) { return catalog::list_products_by_id(tx, indexer(), part); }));
        std::set<std::string> missing(part.begin(), part.end());
        for (const catalog::Product& product : products) {
            index_.put(product, book()->paths);
            missing.erase(product.id.str());
        }
        for (const std::string& id : missing)
            index_.remove(id);
    }
}

// Its name and its place stand in everything below it.
void Indexer::put_category(const std::string& category_id) {
    for (std::string after;;) {
        auto ids = core::or_throw(store::read_now(database_, [&](store::Tx& tx) {
            return catalog::list_product_ids_in(tx, category_id, after, products_page);
        }));
        if (ids.empty()) return;
        put(ids);
        after = ids.back();
    }
}

void Indexer::load_book() {
    auto book = core::or_throw(store::read_now(database_, [&](store::Tx& tx) -> core::Result<Book> {
        auto roots = catalog::list_categories(tx, indexer(), {});
        if (!roots) return std::unexpected(std::move(roots.error()));
        Book read_anew{paths_of(roots->data), {}, list_synonym_groups(tx)};
        for (const auto& [id, path] : read_anew.paths) {
            for (Word& word : words_of(path.back().name))
                read_anew.category_words[id].push_back(std::move(word.text));
        }
        return read_anew;
    }));
    book_.store(std::make_shared<const Book>(std::move(book)));
}

}  // namespace search
