// `kontor import products FILE` and `kontor export products FILE`.
#pragma once

#include "app/config.hpp"

namespace app {

struct ProductImport {
    std::filesystem::path file;
    bool dry_run = false;
    std::string currency;            // of prices that come without one
    std::filesystem::path pictures;  // the folder with the pictures that the file names
    std::string format;              // the file must be of, "Shopify CSV"; empty: of any
    std::filesystem::path report;    // else the file's name and ".report.csv"
};

// 0 if every product went in.
int import_products(const Config& config, const ProductImport& asked);
int export_products(const Config& config, const std::filesystem::path& file);

}  // namespace app
