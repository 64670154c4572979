// What a Search is made of. Only for this folder's own .cpp files.
#pragma once

#include "search/indexer.hpp"
#include "search/search.hpp"

namespace search {

struct Search::State {
    State(const Settings& settings, store::Database& database, std::function<void()> changed)
        : index(settings.folder, settings.language),
          indexer(database, index, std::move(changed)),
          pool(settings.threads, waiting_max) {}

    static constexpr std::size_t waiting_max = 256;  // searches; one more is answered 503

    Index index;
    Indexer indexer;
    async::Pool pool;  // searches read as much as they find: not on I/O threads
};

}  // namespace search
