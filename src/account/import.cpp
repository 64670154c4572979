#include "account/import.hpp"

#include "account/import_rows.hpp"

#include "core/log.hpp"

namespace account {
namespace {

using boost::json::object;

constexpr std::size_t batch_rows = 200;  // a transaction: short enough not to hold up a shop that is open

struct Wanted {
    std::int64_t line = 0;
    users::NewUser user;
};

std::string refused(const core::Refusal& refusal, std::string_view member) {
    return std::string(member) + " " + refusal.message;
}

// The text of the first of these members that there is; numbers and dates as MongoDB's extended JSON has
// them.
std::string text_of(const object& row, std::initializer_list<std::string_view> names) {
    for (std::string_view name : names) {
        const auto* value = row.if_contains(name);
        if (const auto* wrapped = value ? value->if_object() : nullptr) {
            value = wrapped->if_contains("$date");
            if (!value) value = wrapped->if_contains("$oid");
        }
        if (value && value->is_string() && !value->get_string().empty())
            return std::string(value->get_string());
    }
    return {};
}

bool flag_of(const object& row, std::initializer_list<std::string_view> names) {
    for (std::string_view name : names) {
        const auto* value = row.if_contains(name);
        if (value && value->is_bool() && value->get_bool()) return true;
    }
    std::string text = text_of(row, names);
    return text == "true" || text == "1";
}

std::string name_of(const object& row, const core::Email& email) {
    std::string name = text_of(row, {"name", "fullName", "full_name", "displayName"});
    if (name.empty()) {
        name = text_of(row, {"first_name", "firstName"});
        std::string last = text_of(row, {"last_name", "lastName"});
        if (!name.empty() && !last.empty()) name += " ";
        name += last;
    }
    if (name.empty()) name = text_of(row, {"username"});
    return name.empty() ? email.str().substr(0, email.str().rfind('@')) : name;
}

class Import {
public:
    Import(store::Database& database, const ImportOptions& options)
        : database_(database), options_(options) {}

    void take(FileRow row) {
        ++rows_;
        auto user = row.members ? user_of_row(*row.members, options_.with_roles)
                                : std::unexpected(row.members.error());
        if (user) {
            if (options_.on_hash && !user->password_hash.empty()) options_.on_hash(user->password_hash);
            batch_.push_back({row.line, std::move(*user)});
        } else {
            fail({row.line, user.error().code, user.error().message});
        }
        share_ = row.share_read;
        if (batch_.size() == batch_rows) store_batch();
    }
    ImportReport finish() {
        store_batch();
        return report_;
    }

private:
    void store_batch() {
        // Together if it works, one by one to find the row that it doesn't work with.
        if (!store_rows(batch_)) {
            for (const Wanted& wanted : batch_) {
                auto stored = store_rows({&wanted, 1});
                if (!stored) {
                    fail({wanted.line, std::string(core::name_of(stored.error().code)),
                          stored.error().detail});
                }
            }
        }
        batch_.clear();
        if (options_.on_progress) options_.on_progress(share_, rows_);
    }

    core::Result<void> store_rows(std::span<const Wanted> rows) {
        struct Counts {
            std::int64_t created = 0;
            std::int64_t known = 0;
        };
        auto work = [&](store::Tx& tx) -> core::Result<Counts> {
            Counts counts;
            for (const Wanted& wanted : rows) {
                if (users::find_credentials(tx, wanted.user.email)) {
                    ++counts.known;
                    continue;
                }
                auto created = users::create_user(tx, wanted.user);
                if (!created) return std::unexpected(std::move(created.error()));
                ++counts.created;
            }
            return counts;
        };
        auto counts = store::write_now(database_, work);
        if (!counts) return std::unexpected(std::move(counts.error()));
        report_.created += counts->created;
        report_.known += counts->known;
        return {};
    }

    void fail(const RowError& error) {
        ++report_.failed;
        if (options_.on_error) options_.on_error(error);
    }

    store::Database& database_;
    const ImportOptions& options_;
    std::vector<Wanted> batch_;
    ImportReport report_;
    std::int64_t rows_ = 0;
    double share_ = 0;
};

}  // namespace

core::Checked<users::NewUser> user_of_row(const boost::json::object& row, bool with_roles) {
    users::NewUser user{.imported = true};
    auto email = core::Email::from_text(text_of(row, {"email", "emailAddress"}));
    if (!email) return std::unexpected(core::Refusal{email.error().code, refused(email.error(), "email")});
    user.email = std::move(*email);
    auto name = core::Text<1, 200>::from_text(name_of(row, user.email));
    if (!name) return std::unexpected(core::Refusal{name.error().code, refused(name.error(), "name")});
    user.name = std::move(*name);
    if (auto phone = text_of(row, {"phone", "phoneNumber"}); !phone.empty()) {
        auto checked = core::Text<1, 40>::from_text(phone);
        if (!checked)
            return std::unexpected(core::Refusal{checked.error().code, refused(checked.error(), "phone")});
        user.phone = std::move(*checked);
    }
    user.password_hash = text_of(row, {"password_hash", "passwordHash", "hash", "password"});
    if (!user.password_hash.empty() && !auth::is_password_hash(user.password_hash)) {
        return std::unexpected(core::Refusal{
            "invalid_format",
            "password_hash must be an Argon2id hash ($argon2id$…, at most 128 MiB and 32 passes) "
            "or a bcrypt hash ($2b$…, cost 10 to 14)"});
    }
    user.email_verified = flag_of(row, {"email_verified", "emailVerified", "isVerified", "verified"});
    if (auto created = text_of(row, {"created_at", "createdAt"}); !created.empty()) {
        user.created_at = core::from_rfc3339(created);
        if (!user.created_at)
            return std::unexpected(
                core::Refusal{"invalid_format", "created_at must be an RFC 3339 date-time"});
    }
    if (auto role = text_of(row, {"role"}); with_roles && !role.empty()) {
        if (!boost::describe::enum_from_string(role.c_str(), user.role))
            return std::unexpected(
                core::Refusal{"invalid_value", "role must be customer, support, manager or admin"});
    }
    return user;
}

ImportReport import_users(store::Database& database, const std::filesystem::path& file,
                          const ImportOptions& options) {
    Import import(database, options);
    for_each_row(file, [&](FileRow row) { import.take(std::move(row)); });
    return import.finish();
}

}  // namespace account
