// The pictures that a product file names: those of this shop are found again, those in a folder are taken in,
// others are left out and told of. Nothing is fetched from elsewhere. Only for this folder's own .cpp files.
#pragma once

#include "bulk/draft.hpp"

namespace bulk {

struct ReadyPicture {
    std::string file;  // the largest one's name
    std::string alt;
    std::optional<media::Picture> taken;  // absent: one that the shop should have
};

class Pictures {
public:
    explicit Pictures(const ImportOptions& options) : options_(options) {}
    // Decodes what has to be, before the transaction. What can't be taken is noted in the draft's report.
    std::vector<ReadyPicture> take(Draft& draft);

private:
    std::optional<std::filesystem::path> find(const std::string& url) const;

    const ImportOptions& options_;
};

// Adds those that the product doesn't have yet. True if there were any.
bool add_pictures(store::Tx& tx, core::ProductId product, const std::vector<ReadyPicture>& pictures,
                  std::int64_t line, std::vector<ImportIssue>& notes);

}  // namespace bulk
