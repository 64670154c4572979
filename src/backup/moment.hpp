// The shop of a chosen moment, from a folder that it was shipped to (shipper.hpp): `kontor restore --at`.
#pragma once

#include "backup/backup.hpp"

namespace backup {

// Whether a shop was shipped there.
bool is_shipped(const std::filesystem::path& folder);

struct RestoredMoment {
    core::Time as_of;                 // of the last commit in it, or of the copy that it begins with
    std::vector<std::string> faults;  // as of a backup's Verdict; empty: it is good
};
// Puts the shop as of its last commit at or before `at`, or the newest, where there is none yet, and checks
// it. Throws std::runtime_error with what can be restored instead, and leaves no shop, if the folder doesn't
// know that moment or is damaged before it.
RestoredMoment restore_moment(const std::filesystem::path& shipped, std::optional<core::Time> at,
                              const Place& to, const core::Clock& clock);

}  // namespace backup
