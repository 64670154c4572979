#include "app/commands.hpp"

#include "app/app.hpp"
#include "app/ask_password.hpp"
#include "app/backups.hpp"
#include "app/demo_shop.hpp"
#include "app/doctor.hpp"
#include "app/folder_lock.hpp"
#include "app/health.hpp"
#include "app/import_users.hpp"
#include "app/move_in.hpp"
#include "app/moving.hpp"
#include "app/product_files.hpp"
#include "app/systemd.hpp"

#include "core/json_write.hpp"
#include "core/or_throw.hpp"
#include "core/random.hpp"
#include "http/openapi.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

namespace app {
namespace {

using Flags = std::vector<std::pair<std::string, std::string>>;

// SIGTERM and SIGINT are blocked in every thread and taken by the one that waits here.
sigset_t block_stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

std::string address_shown(const Config& config, unsigned short port) {
    bool is_ipv6 = config.server.address.find(':') != std::string::npos;
    return "http://" + (is_ipv6 ? "[" + config.server.address + "]" : config.server.address) + ":" +
           std::to_string(port);
}

void greet(App& app, unsigned short port) {
    std::string address = address_shown(app.config(), port);
    std::cout << "listening on " << address << "\n"
              << "API docs   " << address << "/docs\n"
              << "data       " << std::filesystem::absolute(app.config().data).lexically_normal().string()
              << "\n";
    for (const std::string& line : demo_logins(app))
        std::cout << line << "\n";
    std::cout << std::flush;
}

int serve(const Config& given) {
    sigset_t signals = block_stop_signals();
    Config config = given;
    use_passed_socket(config.server);
    const FolderLock lock(config.data);
    App app(config);
    std::jthread stopper;
    app.serve([&](unsigned short port) {
        greet(app, port);
        tell_ready();
        stopper = std::jthread([&] {
            int signal = 0;
            sigwait(&signals, &signal);
            spdlog::info("stopping");
            tell_stopping();
            app.stop();
        });
    });
    return 0;
}

int migrate(const Config& config) {
    App app(config);
    std::cout << "The database is up to date.\n";
    return 0;
}

template <class T>
T checked(core::Checked<T> value, const char* option) {
    if (value) return std::move(*value);
    throw std::runtime_error(std::string(option) + " " + value.error().message + ".");
}

struct NewAdmin {
    std::string email;
    std::string password;
    std::string name = "Admin";
};

int create_admin(const Config& config, const NewAdmin& admin) {
    const std::string password = admin.password.empty() ? ask_password() : admin.password;
    App app(config);
    auto created = core::or_throw(app.auth().create_user_with_password(
        {checked(core::Email::from_text(admin.email), "--email"),
         checked(core::Password::from_text(password), "The password"),
         checked(core::Text<1, 200>::from_text(admin.name), "--name"), core::Role::admin}));
    core::or_throw(store::write_now(app.database(), [&](store::Tx& tx) {
        audit::record_command(tx, "admin create", created.id.text(), core::to_json(created));
    }));
    std::cout << created.id.text() << " " << created.email << " is an admin now.\n";
    return 0;
}

int rotate_keys(const Config& config) {
    App app(config);
    auto next = app.auth().rotate_signing_key();
    std::cout << "The key " << next.kid << " signs access tokens from " << core::to_rfc3339(next.signs_from)
              << " on, also in servers that are running.\n"
              << "What older keys signed is taken until it ends.\n";
    core::or_throw(store::write_now(
        app.database(), [&](store::Tx& tx) { audit::record_command(tx, "keys rotate", next.kid, {}); }));
    return 0;
}

// 0: the chain is whole. 1: it isn't, or can't be read.
int verify_audit(const Config& config, const std::string& known_head) {
    App app(config);
    jobs::Runner chainer(app.database());
    chainer.add(audit::chaining(app.audit_key()));
    chainer.run_all_now();  // what was written last may still wait for its link
    auto verdict = audit::verify(app.database(), app.audit_key(), known_head);
    for (const auto& [position, what] : verdict.findings)
        std::cout << "entry " << position << ": " << what << "\n";
    if (!verdict.findings.empty()) return 1;
    std::cout << verdict.entries << " entries, none altered or missing\nhead " << verdict.head
              << "  (keep it elsewhere: --head proves later that nothing was cut off)\n";
    return 0;
}

int print_openapi(const Config& given) {
    Config config = given;
    config.in_production = false;  // this shop is nobody's
    auto folder = std::filesystem::temp_directory_path() / ("kontor-openapi-" + std::to_string(::getpid()));
    config.data = folder;
    config.database = "sqlite:" + (folder / "empty.db").string();
    std::string document;
    {
        App app(config);
        document = http::openapi_document(app.api(), config.public_url);
    }
    std::filesystem::remove_all(folder);
    std::cout << document << "\n";
    return 0;
}

int print_config(const std::vector<ChosenValue>& values) {
    for (const ChosenValue& value : values) {
        bool masked = value.setting->secret && !value.text.empty();
        std::cout << value.setting->variable() << "=" << (masked ? "********" : value.text) << "  # "
                  << value.origin << "; " << value.setting->help << "\n";
    }
    return 0;
}

// A .env to begin with: every setting with its reason, commented out at its default.
int print_env_example() {
    std::cout << "# Every setting of Kontor at its default. Copy to .env, uncomment what you change. Flags "
                 "win over the\n"
                 "# environment, that over .env.\n";
    for (const Setting& setting : settings())
        std::cout << "\n# " << setting.help << "\n# " << setting.variable() << "=" << setting.fallback
                  << "\n";
    return 0;
}

// The words of the command line: each command with its options and what it runs.
class CommandLine {
public:
    using Run = std::function<int(const Config&)>;

    CommandLine();
    int run(int argc, const char* const* argv);

private:
    // A command takes every setting as an option.
    CLI::App& add(CLI::App& parent, const char* name, const char* help, Run run);
    CLI::App& add_group(const char* name, const char* help);
    void add_serving();
    void add_accounts();
    void add_data();
    void add_product_files(CLI::App& imports);
    void add_product_import(CLI::App& imports, const char* name, const char* help, const char* format);
    void add_moving_in(CLI::App& imports);
    void add_backups();
    void add_looks();
    CLI::App& chosen();
    Flags flags_given(const CLI::App& command) const;

    CLI::App line_{"Kontor: a commerce backend in one program."};
    std::map<const CLI::App*, Run> runs_;
    const CLI::App* config_ = nullptr;
    // What options write to.
    std::map<std::string, std::string> settings_;
    NewAdmin admin_;
    std::string demo_folder_ = "demo";
    std::string import_file_;
    bool with_roles_ = false;
    ProductImport products_;
    MongodumpImport mongodump_;
    std::string export_file_;
    std::string known_head_;
    std::string backup_folder_;
    std::string moment_;
    std::string copy_from_;
    std::string copy_to_;
    bool wants_env_example_ = false;
};

CommandLine::CommandLine() {
    line_.set_version_flag("--version", "kontor " KONTOR_VERSION);
    line_.require_subcommand(1);
    line_.fallthrough(false);
    add_serving();
    add_accounts();
    add_data();
    add_backups();
    add_looks();
}

CLI::App& CommandLine::add(CLI::App& parent, const char* name, const char* help, Run run) {
    CLI::App* command = parent.add_subcommand(name, help);
    for (const Setting& setting : settings()) {
        std::string fallback = setting.fallback.empty() ? "" : " [" + setting.fallback + "]";
        command->add_option(setting.flag(), settings_[setting.name],
                            setting.help + fallback + ", " + setting.variable());
    }
    runs_[command] = std::move(run);
    return *command;
}

CLI::App& CommandLine::add_group(const char* name, const char* help) {
    return *line_.add_subcommand(name, help)->require_subcommand(1);
}

void CommandLine::add_serving() {
    add(line_, "serve", "Serve the shop", serve);
    add(line_, "health", "Say whether the server that listens here can serve; ends with 1 if not",
        report_health);
    add(line_, "migrate", "Bring the database's schema up to date", migrate);
}

void CommandLine::add_accounts() {
    CLI::App& create = add(add_group("admin", "Manage admin accounts"), "create", "Create an admin account",
                           [this](const Config& config) { return create_admin(config, admin_); });
    create.add_option("--email", admin_.email, "e-mail address to sign in with")->required();
    create.add_option("--password", admin_.password, "asked for if not given; from a pipe the first line");
    create.add_option("--name", admin_.name, "name to show [Admin]");
    add(add_group("keys", "Manage the keys that sign access tokens"), "rotate",
        "Sign with a new key from now on", rotate_keys);
}

void CommandLine::add_data() {
    CLI::App& demo = add(line_, "demo", "Load the demo shop: products with photos, accounts, orders",
                         [this](const Config& config) { return load_demo(config, demo_folder_); });
    demo.add_option("--from", demo_folder_, "folder with the demo data [demo]");
    CLI::App& imports = add_group("import", "Bring data along");
    CLI::App& users =
        add(imports, "users", "Accounts with their passwords: NDJSON, CSV, or BSON as mongodump writes it",
            [this](const Config& config) { return import_users(config, import_file_, with_roles_); });
    users.add_option("file", import_file_, "FILE.ndjson, .csv or .bson")->required();
    users.add_flag("--with-roles", with_roles_, "take `role` from the file; else all are customers");
    add_product_files(imports);
    add_moving_in(imports);
}

void CommandLine::add_product_files(CLI::App& imports) {
    add_product_import(imports, "products",
                       "Products: our CSV, that of Shopify, WooCommerce, Spree or Vendure, or NDJSON; "
                       "created or changed by slug "
                       "and SKU",
                       "");
    add_product_import(imports, "shopify", "Products as Shopify exports them (CSV)", "Shopify CSV");
    add_product_import(imports, "woocommerce", "Products as WooCommerce exports them (CSV)",
                       "WooCommerce CSV");
    CLI::App& exports = add(add_group("export", "Take data out"), "products",
                            "All products, as a file that `import products` takes",
                            [this](const Config& config) { return export_products(config, export_file_); });
    exports.add_option("file", export_file_, "FILE.csv or .ndjson")->required();
}

// `format`: what the file has to be; empty: whatever it is.
void CommandLine::add_product_import(CLI::App& imports, const char* name, const char* help,
                                     const char* format) {
    CLI::App& products = add(imports, name, help, [this, format](const Config& config) {
        products_.format = format;
        return import_products(config, products_);
    });
    products.add_option("file", products_.file, "FILE.csv or .ndjson")->required();
    products.add_flag("--dry-run", products_.dry_run, "try everything and keep nothing");
    products.add_option("--currency", products_.currency, "of prices that come without one, as Shopify's do");
    products.add_option("--pictures", products_.pictures, "the folder with the pictures that the file names");
    products.add_option("--report", products_.report, "where errors and notes go, by line [FILE.report.csv]");
}

void CommandLine::add_moving_in(CLI::App& imports) {
    CLI::App& dump = add(imports, "mongodump",
                         "A Mongoose shop out of what mongodump wrote: accounts with their passwords, "
                         "categories, products, carts, orders; a second run changes nothing",
                         [this](const Config& config) { return import_mongodump(config, mongodump_); });
    dump.add_option("folder", mongodump_.folder, "the folder with the .bson files")->required();
    dump.add_option("--mapping", mongodump_.mapping, "FILE.json that says what things are called there");
    dump.add_option("--currency", mongodump_.currency, "of prices that come without one");
    dump.add_option("--pictures", mongodump_.pictures, "the folder with the pictures that products name");
    dump.add_flag("--dry-run", mongodump_.dry_run, "try everything and keep nothing");
    dump.add_option("--report", mongodump_.report,
                    "where a row for each document goes [FOLDER.report.ndjson]");
}

void CommandLine::add_backups() {
    CLI::App& take = add(line_, "backup", "Take a backup, also while the shop serves",
                         [this](const Config& config) { return take_backup(config, backup_folder_); });
    take.add_option("--to", backup_folder_, "folder for backups; else the one of --backup-folder");
    CLI::App& verify = add(take, "verify", "Restore a backup into a place of its own and check it",
                           [this](const Config& config) { return verify_backup(config, backup_folder_); });
    verify.add_option("folder", backup_folder_, "the backup")->required();
    CLI::App& restore =
        add(line_, "restore", "Put a backup where there is no shop yet",
            [this](const Config& config) { return restore_backup(config, backup_folder_, moment_); });
    restore.add_option("folder", backup_folder_, "the backup, or the folder that KONTOR_SHIP_TO named")
        ->required();
    restore.add_option("--at", moment_,
                       "of a folder that was shipped to: the time to restore, 2026-11-23T07:30:00Z");
    CLI::App& copy = add(line_, "copy", "Move a shop from SQLite to PostgreSQL or back, checked row by row",
                         [this](const Config&) { return copy_shop(copy_from_, copy_to_); });
    copy.add_option("--from", copy_from_, "sqlite:PATH or postgres://…: the shop")->required();
    copy.add_option("--to", copy_to_, "an empty database of the other engine; a file that isn't there yet")
        ->required();
}

void CommandLine::add_looks() {
    CLI::App& verify =
        add(add_group("audit", "The audit log"), "verify", "Check that no entry was altered or removed",
            [this](const Config& config) { return verify_audit(config, known_head_); });
    verify.add_option("--head", known_head_, "what `audit verify` printed as head before");
    add(line_, "doctor", "Look for what an operator should look at; says what to do", examine);
    add(line_, "openapi", "Print the OpenAPI document", print_openapi);
    CLI::App& config =
        add(line_, "config", "Print each setting and where its value came from; secrets masked", {});
    config.add_flag("--env-example", wants_env_example_, "print a .env with every setting instead");
    config_ = &config;
}

Flags CommandLine::flags_given(const CLI::App& command) const {
    Flags flags;
    for (const Setting& setting : settings()) {
        if (command.count(setting.flag()) > 0) flags.emplace_back(setting.name, settings_.at(setting.name));
    }
    return flags;
}

CLI::App& CommandLine::chosen() {
    CLI::App* command = &line_;
    while (!command->get_subcommands().empty())
        command = command->get_subcommands().front();
    return *command;
}

int CommandLine::run(int argc, const char* const* argv) {
    try {
        line_.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return line_.exit(wrong) == 0 ? 0 : 2;
    }
    const CLI::App& command = chosen();
    auto values = choose_values(flags_given(command), ".env");
    if (&command == config_) return wants_env_example_ ? print_env_example() : print_config(values);
    Config config = make_config(values);
    core::start_crypto();
    core::start_log(config.server.log_format, config.log_level);
    return runs_.at(&command)(config);
}

}  // namespace

int run_command(int argc, const char* const* argv) try {
    return CommandLine().run(argc, argv);
} catch (const std::exception& failed) {
    std::cerr << "kontor: " << failed.what() << "\n";
    return 1;
}

}  // namespace app
