// A refusal takes as long as one by the slowest kind of hash that the shop has (SE-5).
#include "auth/hash_kinds.hpp"
#include "auth/fixture_test.hpp"
#include "auth/password_hasher.hpp"

namespace auth {
namespace {

using std::chrono::milliseconds;
using support::error_code;
using support::must;

const std::string bcrypt_10 = "$2b$10$" + std::string(53, 'u');
const std::string bcrypt_11 = "$2b$11$" + std::string(53, 'u');

TEST(HashKind, IsWhatStandsInFrontOfTheSalt) {
    EXPECT_EQ(kind_of(bcrypt_11), "$2b$11");
    EXPECT_EQ(kind_of("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"), "$argon2id$v=19$m=19456,t=2,p=1");
    for (const char* none : {"", "plain", "$1$abc$def", "$2b$04$", "$argon2i$v=19$m=8,t=1,p=1$a$b"})
        EXPECT_EQ(kind_of(none), "") << none;
}

TEST(HashKind, IsAnsweredOnTheBeatOfTheSlowest) {
    HashKinds kinds;
    EXPECT_EQ(kinds.wait_after(milliseconds(7)), milliseconds(0));
    kinds.note("$2b$10", milliseconds(50));
    kinds.note("$2b$12", milliseconds(200));
    EXPECT_EQ(kinds.wait_after(milliseconds(50)), milliseconds(250));
    EXPECT_EQ(kinds.wait_after(milliseconds(200)), milliseconds(100));
    EXPECT_EQ(kinds.wait_after(milliseconds(310)), milliseconds(290)) << "both were held up";
}

TEST(HashKind, FollowsWhatItTakesOnABusyMachine) {
    HashKinds kinds;
    kinds.note("$2b$12", milliseconds(200));
    kinds.note("$2b$12", milliseconds(600));  // once is a hiccup…
    EXPECT_EQ(kinds.wait_after(milliseconds(0)), milliseconds(450));
    for (int i = 0; i < 30; ++i)
        kinds.note("$2b$12", milliseconds(600));  // …more is how it is
    EXPECT_GT(kinds.wait_after(milliseconds(0)), milliseconds(890));
}

class Refusals : public AuthFixture {
protected:
    void give_hash(std::string_view email, const std::string& hash) {
        must(write([&](store::Tx& tx) {
            tx.run("update users set password_hash = $2 where email_key = $1", email, hash);
        }));
    }
    double median_ms(std::string_view email) {
        std::vector<double> times;
        for (int i = 0; i < 5; ++i) {
            must(write([](store::Tx& tx) { tx.run("delete from tries"); }));  // or it would have to pause
            auto start = std::chrono::steady_clock::now();
            EXPECT_EQ(error_code(log_in(email, "wrong horse")), core::ErrorCode::invalid_credentials);
            times.push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        }
        std::ranges::sort(times);
        return times[times.size() / 2];
    }
};
KONTOR_ON_BOTH_ENGINES(Refusals);

// SE-5: whether the hash is ours, brought along, or there is none; a busy machine gets three tries.
TEST_P(Refusals, TakeAsLongWhateverTheAccountsHash) {
    Settings full = settings();
    full.argon2_memory_kib = Settings{}.argon2_memory_kib;
    full.argon2_passes = Settings{}.argon2_passes;
    use(full);
    for (const char* email : {"cheap@example.com", "costly@example.com", "none@example.com"})
        must(sign_up(email));
    give_hash("cheap@example.com", bcrypt_10);
    give_hash("costly@example.com", bcrypt_11);
    give_hash("none@example.com", "");
    auth().learn_kind_of(bcrypt_10);
    auth().learn_kind_of(bcrypt_11);
    std::string seen;
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::vector<double> medians;
        for (const char* email :
             {"unknown@example.com", "cheap@example.com", "costly@example.com", "none@example.com"})
            medians.push_back(median_ms(email));
        auto [least, most] = std::ranges::minmax(medians);
        if (most - least < std::max(least * 0.25, 5.0)) return;
        for (double median : medians)
            seen += std::to_string(median) + " ";
        seen += "ms; ";
    }
    FAIL() << seen;
}

// What an import has met, the server beside it knows by its next look; also after a restart.
TEST_P(Refusals, WaitForKindsThatOthersHaveMet) {
    HashKinds import;
    import.note("$2b$12", milliseconds(400));
    import.note("$2b$10", milliseconds(100));
    must(write([&](store::Tx& tx) { import.exchange(tx); }));
    HashKinds server;
    must(write([&](store::Tx& tx) { server.exchange(tx); }));
    EXPECT_TRUE(server.knows("$2b$12"));
    EXPECT_EQ(server.wait_after(milliseconds(100)), milliseconds(500));
}

}  // namespace
}  // namespace auth
