// The audit log: entries belong to what they tell of, and the chain tells of each that was altered or is
// gone.
#include "audit/audit.hpp"

#include "support/people.hpp"
#include "support/test_database.hpp"

namespace audit {
namespace {

using support::must;

class Audit : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        key.fill(7);
        admin = support::sign_up(db(), "admin@example.com", core::Role::admin);
        admin.request_id = "request-1";
    }
    void record_some(int count) {
        for (int i = 0; i < count; ++i) {
            clock.advance(std::chrono::milliseconds(1));  // ids of one millisecond are in no order
            must(write([&](store::Tx& tx) { record(tx, change(i)); }));
        }
    }
    http::PrivilegedWrite change(int i) {
        std::string& target = targets_.try_emplace(i, "/v1/users/" + std::to_string(i)).first->second;
        return {.caller = admin,
                .method = "PATCH",
                .path = "/v1/users/{id}",
                .target = target,
                .before = R"({"role":"customer"})",
                .after = R"({"role":"manager"})"};
    }
    void chain() {
        jobs::Runner runner(db());
        runner.add(chaining(key));
        runner.run_all_now();
    }
    template <class... Args>
    void tamper(store::Sql sql, const Args&... args) {
        must(write([&](store::Tx& tx) { tx.run(sql, args...); }));
    }
    std::vector<std::int64_t> broken_at(const std::string& head = {}) {
        std::vector<std::int64_t> positions;
        for (const auto& finding : verify(db(), key, head).findings)
            positions.push_back(finding.position);
        return positions;
    }

    Key key;
    core::Caller admin;

private:
    std::map<int, std::string> targets_;  // that the writes point into
};
KONTOR_ON_BOTH_ENGINES(Audit);

using Positions = std::vector<std::int64_t>;

TEST_P(Audit, IsWholeWhenNobodyTouchedIt) {
    record_some(600);  // more than a page
    chain();
    auto verdict = verify(db(), key, {});
    EXPECT_EQ(verdict.entries, 600);
    EXPECT_EQ(verdict.findings.size(), 0U);
    record_some(1);
    chain();
    EXPECT_EQ(broken_at(verdict.head), Positions{});
}

TEST_P(Audit, AnEntryExistsOnlyIfItsWriteDid) {
    auto refused = write([&](store::Tx& tx) -> core::Result<void> {
        record(tx, change(1));
        return core::fail(core::ErrorCode::conflict);
    });
    EXPECT_FALSE(refused);
    chain();
    EXPECT_EQ(verify(db(), key, {}).entries, 0);
}

TEST_P(Audit, FindsAnAlteredEntry) {
    record_some(5);
    chain();
    for (int altered = 0; altered < 2; ++altered) {
        tamper("update audit_log set after = '{}' where position = 3");
        EXPECT_EQ(broken_at(), Positions{3});
    }
    tamper("update audit_log set actor = 'usr_somebody_else' where position = 5");
    EXPECT_EQ(broken_at(), (Positions{3, 5}));
}

TEST_P(Audit, FindsARemovedEntry) {
    record_some(5);
    chain();
    tamper("delete from audit_log where position = 2");
    EXPECT_EQ(broken_at(), Positions{2});
    tamper("delete from audit_log where position = 5");
    EXPECT_EQ(broken_at(), (Positions{2, 5}));
}

TEST_P(Audit, FindsAnInventedEntry) {
    record_some(2);
    chain();
    tamper(
        "insert into audit_log (id, at, actor, session, ip, request_id, action, target, before, after, "
        "position, mac) "
        "select 'aud_00000000000000000000000000', at, actor, session, ip, request_id, action, target, "
        "before, after, 3, mac "
        "from audit_log where position = 2");
    tamper("update audit_head set position = 3");
    EXPECT_EQ(broken_at(), Positions{3});
}

TEST_P(Audit, FindsAnEntryAlteredOrRemovedBeforeItWasChained) {
    record_some(3);
    tamper("update audit_log set target = '/elsewhere' where target = '/v1/users/1'");
    tamper("delete from audit_log where target = '/v1/users/2'");
    chain();
    EXPECT_EQ(broken_at(), (Positions{2, 3}));
}

TEST_P(Audit, FindsAnEndThatWasCutOffWithTheHeadThatWasKeptElsewhere) {
    record_some(5);
    chain();
    auto before = verify(db(), key, {});
    tamper("delete from audit_log where position > 3");
    tamper("update audit_head set position = 3, mac = (select mac from audit_log where position = 3)");
    EXPECT_EQ(broken_at(), Positions{});  // by itself it looks whole…
    EXPECT_EQ(broken_at(before.head), Positions{0});
}

TEST_P(Audit, CantBeChainedAnewWithoutTheSecret) {
    record_some(3);
    chain();
    Key another = key;
    another[0] ^= 1;
    EXPECT_EQ(verify(db(), another, {}).findings.size(), 3U);
}

TEST_P(Audit, KeepsOfLongValuesTheFingerprint) {
    http::PrivilegedWrite big = change(1);
    big.after = "\"" + std::string(value_bytes_max, 'x') + "\"";
    must(write([&](store::Tx& tx) { record(tx, big); }));
    auto list = must(read([&](store::Tx& tx) { return list_entries(tx, admin, {}); }));
    EXPECT_TRUE(list.data.at(0).after.as_string().starts_with("65538 bytes, BLAKE2b "));
}

TEST_P(Audit, IsListedNewestFirstByActorAndTarget) {
    record_some(3);
    core::Caller other = support::sign_up(db(), "other@example.com", core::Role::admin);
    clock.advance(std::chrono::milliseconds(1));
    http::PrivilegedWrite of_other{
        .caller = other, .method = "DELETE", .path = "/v1/x", .target = "/v1/users/1"};
    must(write([&](store::Tx& tx) { record(tx, of_other); }));
    auto targets = [&](AuditQuery query) {
        std::vector<std::string> found;
        for (const auto& entry :
             must(read([&](store::Tx& tx) { return list_entries(tx, admin, query); })).data)
            found.push_back(entry.target.substr(10) + entry.action.substr(0, 1));
        return found;
    };
    AuditQuery of_admin{.actor = core::Text<1, 40>::trusted(admin.actor())};
    EXPECT_EQ(targets(of_admin), (std::vector<std::string>{"2P", "1P", "0P"}));
    AuditQuery of_target{.target = core::Text<1, 300>::trusted("/v1/users/1")};
    EXPECT_EQ(targets(of_target), (std::vector<std::string>{"1D", "1P"}));
}

}  // namespace
}  // namespace audit
