// What passwords are hashed to (SE-2, SE-3): Argon2id at a measured cost, bcrypt of other programs, one form
// of the same characters.
#include "auth/bcrypt.hpp"
#include "auth/fixture_test.hpp"
#include "auth/password_cost.hpp"
#include "auth/password_hasher.hpp"
#include "auth/password_policy.hpp"
#include "auth/password_text.hpp"

#include <crypt.h>

namespace auth {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

std::string bcrypt_of(std::string_view password, std::string_view kind = "$2b$10$") {
    crypt_data data{};
    std::string salt = std::string(kind) + "abcdefghijklmnopqrstuu";
    return crypt_r(std::string(password).c_str(), salt.c_str(), &data);
}

class Passwords : public AuthFixture {
protected:
    void store_hash(std::string_view hash) {
        must(write([&](store::Tx& tx) { tx.run("update users set password_hash = $1", hash); }));
    }
    std::string stored_hash() {
        return must(
            read([](store::Tx& tx) { return tx.get<std::string>("select password_hash from users"); }));
    }
};
KONTOR_ON_BOTH_ENGINES(Passwords);

TEST_P(Passwords, OfANodeBackendWorkAndAreUpgraded) {
    must(sign_up("ann@example.com"));
    for (const char* kind : {"$2a$10$", "$2b$10$", "$2y$10$"}) {
        store_hash(bcrypt_of("an old password", kind));
        EXPECT_EQ(error_code(log_in("ann@example.com", "An old password")), ErrorCode::invalid_credentials);
        EXPECT_TRUE(stored_hash().starts_with(kind));
        must(log_in("ann@example.com", "an old password"));
        EXPECT_TRUE(stored_hash().starts_with("$argon2id$")) << kind;
        must(log_in("ann@example.com", "an old password"));
    }
}

// Published vectors of bcrypt's authors and of PHP's crypt().
TEST(Bcrypt, IsWhatOthersCallBcrypt) {
    EXPECT_TRUE(matches_bcrypt("$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga", "allmine"));
    EXPECT_FALSE(matches_bcrypt("$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga", "allmine "));
    std::string hash = bcrypt_of("x");
    for (std::string_view bad : {"", "$2b$10$", "$2x$10$", "$1$abcdefgh$"})
        EXPECT_FALSE(is_bcrypt(std::string(bad)));
    for (auto [at, c] : {std::pair{2, 'x'}, {4, '9'}, {6, '.'}, {20, '!'}}) {
        std::string altered = hash;
        altered[static_cast<std::size_t>(at)] = c;
        EXPECT_FALSE(is_bcrypt(altered)) << altered;
    }
    EXPECT_FALSE(is_bcrypt(bcrypt_of("x", "$2b$04$")));  // under SE-2's floor
}

TEST(PasswordHashes, AreThoseThatCanBeVerified) {
    core::start_crypto();
    Settings cheap;
    cheap.argon2_memory_kib = 8;
    EXPECT_TRUE(is_password_hash(PasswordHasher(cheap).hash_now("correct horse")));
    EXPECT_TRUE(is_password_hash(bcrypt_of("x")));
    for (const char* text :
         {"", "correct horse", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub",
          "5f4dcc3b5aa765d61d8327deb882cf99"})
        EXPECT_FALSE(is_password_hash(text)) << text;
}

TEST_P(Passwords, AreTheSameHoweverComposed) {
    must(sign_up("ann@example.com", "Zürich ﬁnale"));               // u with diaeresis in one, a ligature
    EXPECT_TRUE(log_in("ann@example.com", "Zu\u0308rich finale"));  // in two, in letters
    EXPECT_FALSE(log_in("ann@example.com", "Zurich finale"));
    EXPECT_EQ(normalized("\u212b ½"), normalized("\u00c5 1\u20442"));
}

TEST(PasswordPolicy, SeesThroughCompatibilityForms) {
    EXPECT_FALSE(
        check_password(*core::Password::from_text("ｐａｓｓｗｏｒｄ１２３"), "a@b.test", "A", "/p", 8));
}

// SE-2: measured once, kept, never under the floor.
TEST_P(Passwords, CostIsMeasuredOnceAndKept) {
    Settings settings;
    settings.argon2_memory_kib = 64;  // quick, so that many passes fit
    settings.hash_target = std::chrono::milliseconds{1};
    PasswordCost cost = ready_password_cost(db(), settings);
    EXPECT_GE(cost.passes, settings.argon2_passes);
    must(write([](store::Tx& tx) { tx.run("update password_cost set passes = 7"); }));
    EXPECT_EQ(ready_password_cost(db(), settings).passes, 7u);
    settings.argon2_passes = 9;
    EXPECT_EQ(ready_password_cost(db(), settings).passes, 9u);
    settings.argon2_memory_kib = 128;  // another setting: measured again
    ready_password_cost(db(), settings);
    EXPECT_EQ(must(read([](store::Tx& tx) {
                  return tx.get<std::int64_t>("select memory_kib from password_cost");
              })),
              128);
    settings.hash_target = {};
    EXPECT_EQ(ready_password_cost(db(), settings).passes, 9u);
}

TEST(PasswordCostMeasure, GivesAFastMachineMorePasses) {
    core::start_crypto();
    unsigned few = measure_passes(1024, 2, std::chrono::milliseconds{1});
    unsigned many = measure_passes(1024, 2, std::chrono::milliseconds{20});
    EXPECT_GE(few, 2u);
    EXPECT_GT(many, few);
    EXPECT_EQ(measure_passes(19456, 2, std::chrono::milliseconds{1}), 2u);
}

}  // namespace
}  // namespace auth
