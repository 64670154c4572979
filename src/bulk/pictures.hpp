// The pictures that goods of another shop name: those of this shop are found again, those in a folder are
// taken in, others are left out and told of. Nothing is fetched from elsewhere.
#pragma once

#include "catalog/catalog.hpp"

#include <filesystem>

namespace bulk {

// Something about one line of a file: why it didn't go in, or what was made of it.
struct ImportIssue {
    std::int64_t line = 0;
    std::string code;
    std::string message;
};
BOOST_DESCRIBE_STRUCT(ImportIssue, (), (line, code, message))

struct ReadyPicture {
    std::string file;  // the largest one's name
    std::string alt;
    std::optional<media::Picture> taken;  // absent: one that the shop should have
};

// Where pictures lie that a file names; looked for by the last part of their address. `taker` null: pictures
// that this shop doesn't have already are left out.
struct PictureSource {
    const media::Pictures* taker = nullptr;
    std::filesystem::path folder;
};

// Decodes what has to be, before the transaction; in a dry run nothing. What can't be taken is told of.
std::vector<ReadyPicture> take_pictures(const PictureSource& source, bool dry_run,
                                        const std::vector<catalog::PutImage>& images, std::int64_t line,
                                        std::vector<ImportIssue>& notes);

// Adds those that the product doesn't have yet. True if there were any.
bool add_pictures(store::Tx& tx, core::ProductId product, const std::vector<ReadyPicture>& pictures,
                  std::int64_t line, std::vector<ImportIssue>& notes);

}  // namespace bulk
