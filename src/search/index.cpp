#include "search/index.hpp"

#include "core/log.hpp"

#include <charconv>

namespace search {
namespace {

constexpr const char* key_form = "form";
constexpr const char* key_followed = "followed";
constexpr const char* key_built_to = "built_to";
constexpr const char* key_is_built = "is_built";

std::string text_of(Position position) {
    return std::to_string(position.transaction) + " " + std::to_string(position.id);
}

Position position_of(const std::string& text) {
    Position position;
    const char* end = text.data() + text.size();
    auto [space, failed] = std::from_chars(text.data(), end, position.transaction);
    if (failed == std::errc{} && space != end) std::from_chars(space + 1, end, position.id);
    return position;
}

}  // namespace

Index::Index(std::filesystem::path folder, std::string language)
    : folder_(std::move(folder)), language_(std::move(language)), stem_(language_) {}

std::string Index::form() const {
    return std::to_string(index_form) + " " + language_;
}

bool Index::open() {
    try {
        writer_.emplace(folder_.string(), Xapian::DB_OPEN);
        if (writer_->get_metadata(key_form) == form()) {
            ++generation_;
            return true;
        }
        spdlog::info("search: the index was made for another language or by another version");
    } catch (const Xapian::DatabaseLockError&) {
        throw std::runtime_error("another program uses the search index in " + folder_.string());
    } catch (const Xapian::Error& error) {
        if (std::filesystem::exists(folder_))
            spdlog::warn("search: the index can't be used: {}", core::quoted(error.get_msg()));
    }
    writer_.reset();
    return false;
}

void Index::begin_anew(const Progress& progress) {
    writer_.reset();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_.parent_path());
    writer_.emplace(folder_.string(), Xapian::DB_CREATE_OR_OVERWRITE);
    writer_->set_metadata(key_form, form());
    commit(progress);
}

bool Index::is_gone() const {
    return !std::filesystem::exists(folder_ / "iamglass");
}

Progress Index::progress() const {
    return {position_of(writer_->get_metadata(key_followed)), writer_->get_metadata(key_built_to),
            writer_->get_metadata(key_is_built) == "1"};
}

void Index::write_progress(const Progress& progress) {
    writer_->set_metadata(key_followed, text_of(progress.followed));
    writer_->set_metadata(key_built_to, progress.built_to);
    writer_->set_metadata(key_is_built, progress.is_built ? "1" : "0");
}

Xapian::docid Index::find(std::string_view product_id) const {
    const std::string unique = std::string(prefix_product).append(product_id);
    auto posting = writer_->postlist_begin(unique);
    return posting == writer_->postlist_end(unique) ? 0 : *posting;
}

void Index::forget_spelled(Xapian::docid id) {
    for (const std::string& word : spelled_of(writer_->get_document(id)))
        writer_->remove_spelling(word);
}

void Index::put(const catalog::Product& product, const CategoryPaths& paths) {
    const Draft draft = draft_of(product, paths, stem_);
    if (Xapian::docid old = find(product.id.text())) {
        forget_spelled(old);
        writer_->replace_document(old, draft.document);
    } else {
        writer_->add_document(draft.document);
    }
    for (const std::string& word : draft.spelled)
        writer_->add_spelling(word);
}

void Index::remove(std::string_view product_id) {
    const Xapian::docid old = find(product_id);
    if (!old) return;
    forget_spelled(old);
    writer_->delete_document(old);
}

bool Index::differs(const catalog::StockState& state) const {
    const Xapian::docid id = find(state.product_id.text());
    if (!id) return true;
    auto term = writer_->termlist_begin(id);
    term.skip_to(std::string(term_sold_out));
    const bool said = term != writer_->termlist_end(id) && *term == term_sold_out;
    return said == state.in_stock;
}

void Index::commit(const Progress& progress) {
    write_progress(progress);
    writer_->commit();
    ++generation_;
}

std::unique_ptr<Index::Reader> Index::lend() {
    std::unique_ptr<Reader> reader;
    const std::uint64_t newest = generation_.load();
    {
        std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            reader = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (reader && reader->generation == newest) return reader;
    if (!reader) reader = std::make_unique<Reader>(Xapian::Database(), Xapian::Stem(language_), 0);
    try {
        reader->database = Xapian::Database(folder_.string());
        reader->generation = newest;
    } catch (const Xapian::DatabaseOpeningError&) {
        reader->database = Xapian::Database();  // not begun yet: nothing is found
        reader->generation = 0;
    }
    return reader;
}

void Index::give_back(std::unique_ptr<Reader> reader) {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
}

}  // namespace search
