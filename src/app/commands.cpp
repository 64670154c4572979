#include "app/commands.hpp"

#include "app/app.hpp"
#include "app/demo_shop.hpp"
#include "app/import_users.hpp"

#include "core/json_write.hpp"
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

int serve(const Config& config) {
    sigset_t signals = block_stop_signals();
    App app(config);
    std::jthread stopper;
    app.serve([&](unsigned short port) {
        greet(app, port);
        stopper = std::jthread([&] {
            int signal = 0;
            sigwait(&signals, &signal);
            spdlog::info("stopping");
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
    std::string password = admin.password;
    if (password.empty()) std::getline(std::cin, password);
    App app(config);
    auto created = app.auth().create_user_with_password(
        {checked(core::Email::from_text(admin.email), "--email"),
         checked(core::Password::from_text(password), "The password"),
         checked(core::Text<1, 200>::from_text(admin.name), "--name"), core::Role::admin});
    if (!created) throw std::runtime_error(created.error().detail);
    auto recorded = store::write_now(app.database(), [&](store::Tx& tx) {
        audit::record_command(tx, "admin create", created->id.text(), core::to_json(*created));
    });
    if (!recorded) throw std::runtime_error(recorded.error().detail);
    std::cout << created->id.text() << " " << created->email << " is an admin now.\n";
    return 0;
}

int rotate_keys(const Config& config) {
    App app(config);
    auto next = app.auth().rotate_signing_key();
    std::cout << "The key " << next.kid << " signs access tokens from " << core::to_rfc3339(next.signs_from)
              << " on, also in servers that are running.\n"
              << "What older keys signed is taken until it ends.\n";
    auto recorded = store::write_now(
        app.database(), [&](store::Tx& tx) { audit::record_command(tx, "keys rotate", next.kid, {}); });
    if (!recorded) throw std::runtime_error(recorded.error().detail);
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

int print_openapi(Config config) {
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

// Every setting is an option of every command.
void add_settings(CLI::App& command, std::map<std::string, std::string>& given) {
    for (const Setting& setting : settings()) {
        std::string fallback = setting.fallback.empty() ? "" : " [" + setting.fallback + "]";
        command.add_option(setting.flag(), given[setting.name],
                           setting.help + fallback + ", " + setting.variable());
    }
}

Flags flags_given(const CLI::App& command, const std::map<std::string, std::string>& texts) {
    Flags flags;
    for (const Setting& setting : settings()) {
        if (command.count(setting.flag()) > 0) flags.emplace_back(setting.name, texts.at(setting.name));
    }
    return flags;
}

}  // namespace

int run_command(int argc, const char* const* argv) try {
    CLI::App line("Kontor: a commerce backend in one program.");
    line.set_version_flag("--version", "kontor " KONTOR_VERSION);
    line.require_subcommand(1);
    line.fallthrough(false);
    std::map<std::string, std::string> texts;
    NewAdmin admin;
    std::string demo_folder = "demo";
    std::vector<ChosenValue> values;

    auto add = [&](CLI::App& parent, const char* name, const char* help) {
        CLI::App* command = parent.add_subcommand(name, help);
        add_settings(*command, texts);
        return command;
    };
    CLI::App* serve_command = add(line, "serve", "Serve the shop");
    CLI::App* migrate_command = add(line, "migrate", "Bring the database's schema up to date");
    CLI::App* admin_command = line.add_subcommand("admin", "Manage admin accounts")->require_subcommand(1);
    CLI::App* create_command = add(*admin_command, "create", "Create an admin account");
    create_command->add_option("--email", admin.email, "e-mail address to sign in with")->required();
    create_command->add_option("--password", admin.password, "asked from standard input if not given");
    create_command->add_option("--name", admin.name, "name to show [Admin]");
    CLI::App* keys_command =
        line.add_subcommand("keys", "Manage the keys that sign access tokens")->require_subcommand(1);
    CLI::App* rotate_command = add(*keys_command, "rotate", "Sign with a new key from now on");
    CLI::App* demo_command = add(line, "demo", "Load the demo shop: products with photos, accounts, orders");
    demo_command->add_option("--from", demo_folder, "folder with the demo data [demo]");
    std::string import_file;
    bool with_roles = false;
    CLI::App* import_command = line.add_subcommand("import", "Bring data along")->require_subcommand(1);
    CLI::App* import_users_command =
        add(*import_command, "users",
            "Accounts with their passwords: NDJSON, CSV, or BSON as mongodump writes it");
    import_users_command->add_option("file", import_file, "FILE.ndjson, .csv or .bson")->required();
    import_users_command->add_flag("--with-roles", with_roles,
                                   "take `role` from the file; else all are customers");
    std::string known_head;
    CLI::App* audit_command = line.add_subcommand("audit", "The audit log")->require_subcommand(1);
    CLI::App* verify_command = add(*audit_command, "verify", "Check that no entry was altered or removed");
    verify_command->add_option("--head", known_head, "what `audit verify` printed as head before");
    CLI::App* openapi_command = add(line, "openapi", "Print the OpenAPI document");
    CLI::App* config_command =
        add(line, "config", "Print each setting and where its value came from; secrets masked");

    try {
        line.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return line.exit(wrong) == 0 ? 0 : 2;
    }
    CLI::App* chosen = line.get_subcommands().front();
    if (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
    values = choose_values(flags_given(*chosen, texts), ".env");
    if (chosen == config_command) return print_config(values);
    Config config = make_config(values);
    core::start_crypto();
    core::start_log(config.server.log_format, config.log_level);
    if (chosen == serve_command) return serve(config);
    if (chosen == migrate_command) return migrate(config);
    if (chosen == create_command) return create_admin(config, admin);
    if (chosen == rotate_command) return rotate_keys(config);
    if (chosen == import_users_command) return import_users(config, import_file, with_roles);
    if (chosen == verify_command) return verify_audit(config, known_head);
    if (chosen == demo_command) return load_demo(config, demo_folder);
    if (chosen == openapi_command) return print_openapi(std::move(config));
    return 2;
} catch (const std::exception& failed) {
    std::cerr << "kontor: " << failed.what() << "\n";
    return 1;
}

}  // namespace app
