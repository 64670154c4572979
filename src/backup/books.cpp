// The books of a shop, checked room by room: each room knows its own, and the reservations must agree among
// three.
#include "backup/layout.hpp"

#include "cart/cart.hpp"
#include "catalog/catalog.hpp"
#include "chat/chat.hpp"
#include "media/media.hpp"
#include "orders/orders.hpp"

namespace backup {
namespace {

using Units = std::map<std::string, std::int64_t>;

// Every reserved unit waits for an order that isn't shipped or for a checkout that holds it, and the other
// way round.
void compare_reservations(const Units& reserved, Units awaited, std::vector<std::string>& faults) {
    for (const auto& [order, units] : reserved) {
        auto wanted = awaited.extract(order);
        std::int64_t waiting = wanted ? wanted.mapped() : 0;
        if (units != waiting)
            faults.push_back("order " + order + ": " + std::to_string(units) + " units are reserved, " +
                             std::to_string(waiting) + " are waited for");
    }
    for (const auto& [order, units] : awaited)
        faults.push_back("order " + order + ": waits for " + std::to_string(units) +
                         " units, none is reserved");
}

void find_missing(const std::filesystem::path& folder, const std::vector<std::string>& files,
                  std::vector<std::string>& faults) {
    for (const std::string& file : files) {
        if (!std::filesystem::exists(folder / file)) faults.push_back("the picture " + file + " is missing");
    }
}

}  // namespace

std::vector<std::string> find_faults(store::Tx& tx, const std::filesystem::path& data) {
    std::vector<std::string> faults = catalog::find_stock_faults(tx);
    std::ranges::move(orders::find_sum_faults(tx), std::back_inserter(faults));
    Units awaited = orders::list_awaited_units(tx);
    awaited.merge(cart::list_held_units(tx));
    compare_reservations(catalog::list_reserved_units(tx), std::move(awaited), faults);
    find_missing(data / media_name, media::list_files_in_use(tx), faults);
    find_missing(data / chat_name, chat::list_picture_files(tx), faults);
    if (faults.size() > faults_max) faults.resize(faults_max);
    return faults;
}

}  // namespace backup
