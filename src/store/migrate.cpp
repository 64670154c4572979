#include "store/migrate.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

namespace store {
namespace {

constexpr Sql sql_create(
    "create table if not exists schema_migrations ("
    "name text primary key, checksum text not null, applied_at bigint not null)");
constexpr Sql sql_applied("select name, checksum from schema_migrations order by name");
constexpr Sql sql_record("insert into schema_migrations (name, checksum, applied_at) values ($1, $2, $3)");

struct Applied {
    std::string name;
    std::string checksum;
};
BOOST_DESCRIBE_STRUCT(Applied, (), (name, checksum))

[[noreturn]] void refuse_newer(std::string_view name) {
    throw std::runtime_error(
        "The database has the migration " + std::string(name) +
        ", which this version doesn't know: a newer version has changed it. Start that version, "
        "or restore a backup from before the upgrade.");
}

[[noreturn]] void refuse_changed(std::string_view name) {
    throw std::runtime_error(
        "The migration " + std::string(name) +
        " is not the one that this database was set up with. A migration never changes once it "
        "has run: put the old text back and add what is new as a migration of its own.");
}

}  // namespace

bool apply_migrations(Tx& tx, std::span<const Migration> migrations, std::string_view Migration::* text,
                      const RunScript& run_script) {
    tx.count_changed(sql_create);
    std::map<std::string, std::string, std::less<>> applied;
    for (auto& [name, checksum] : tx.list<Applied>(sql_applied))
        applied.emplace(std::move(name), std::move(checksum));
    for (auto& [name, checksum] : applied) {
        if (std::ranges::find(migrations, name, &Migration::name) == migrations.end()) refuse_newer(name);
    }
    bool changed = false;
    for (auto& migration : migrations) {
        auto script = migration.*text;
        auto checksum = core::to_hex(core::fingerprint(script));
        if (auto before = applied.find(migration.name); before != applied.end()) {
            if (before->second != checksum) refuse_changed(migration.name);
            continue;
        }
        run_script(script);
        tx.count_changed(sql_record, migration.name, checksum, tx.now());
        spdlog::info("store: migrated to {}", migration.name);
        changed = true;
    }
    return changed;
}

}  // namespace store
