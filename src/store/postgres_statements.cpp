#include "store/postgres_statements.hpp"

namespace store {
namespace {

// From the server's pg_type; these never change.
constexpr unsigned type_inferred = 0;
constexpr unsigned type_bigint = 20;
constexpr unsigned type_text = 25;

bool fits(const Prepared& variant, std::span<const Param> params) {
    if (variant.kinds.size() != params.size()) return false;
    for (std::size_t i = 0; i < params.size(); ++i) {
        auto type = params[i].type();
        if (type != Param::Kind::null && type != variant.kinds[i]) return false;
    }
    return true;
}

}  // namespace

std::vector<unsigned> Prepared::types() const {
    std::vector<unsigned> types;
    for (auto kind : kinds) {
        switch (kind) {
            case Param::Kind::null: types.push_back(type_inferred); break;
            case Param::Kind::integer: types.push_back(type_bigint); break;
            case Param::Kind::text: types.push_back(type_text); break;
            case Param::Kind::text_list: types.push_back(type_inferred); break;
        }
    }
    return types;
}

Prepared& PreparedStatements::fitting(Sql sql, std::span<const Param> params) {
    auto& variants = variants_[sql.text().data()];
    for (auto& variant : variants) {
        if (fits(*variant, params)) return *variant;
    }
    auto made = std::make_unique<Prepared>();
    made->name = "s" + std::to_string(++count_);
    for (auto& param : params)
        made->kinds.push_back(param.type());
    // The newest stands first, because it knows the most: it takes over what the one before it knew.
    if (!variants.empty() && variants.front()->kinds.size() == params.size()) {
        for (std::size_t i = 0; i < params.size(); ++i) {
            if (made->kinds[i] == Param::Kind::null) made->kinds[i] = variants.front()->kinds[i];
        }
    }
    return **variants.insert(variants.begin(), std::move(made));
}

}  // namespace store
