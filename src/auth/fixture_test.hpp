// What the tests of auth/ share: an Auth over a fresh database, wired as the program does, and its endpoints
// as plain calls.
#pragma once

#include "auth/account_security.hpp"
#include "auth/auth.hpp"
#include "auth/sign_in.hpp"

#include "support/test_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace auth {

class AuthFixture : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        wire(db(), settings());
    }
    void TearDown() override { auth_.reset(); }

    void use(const Settings& settings) {
        auth_.reset();
        wire(db(), settings);
    }
    // As a restart does: nothing is left in memory.
    void restart() {
        auth_.reset();
        test_database().reopen();
        wire(db(), settings());
    }

    // Hashing at full cost is for one test alone.
    static Settings settings() {
        Settings settings;
        settings.secret.fill(7);
        settings.argon2_memory_kib = 8;
        settings.argon2_passes = 1;
        settings.hash_target = {};
        settings.refusal_delay = {};
        return settings;
    }

    template <class Out, class In>
    core::Result<Out> call(std::string_view path, const core::Caller& caller, In input,
                           http::Method method = http::Method::post) {
        const http::Operation& operation = *std::ranges::find_if(
            api_->operations(), [&](const auto& one) { return one.path == path && one.method == method; });
        auto box = store::Box::of<In>(std::move(input));
        core::Result<store::Box> output =
            operation.run ? run(operation, caller, std::move(box))
                          : db().write_now([&](store::Tx& tx) { return operation.apply(tx, caller, box); });
        if (!output) return std::unexpected(std::move(output.error()));
        return std::move(output->template as<Out>());
    }

    core::Result<SignedIn> sign_up(std::string_view email, std::string_view password = "correct horse") {
        return call<SignedIn>(
            "/v1/auth/register", guest(),
            Registration{*core::Email::from_text(email), *core::Password::from_text(password),
                         core::Text<1, 200>::trusted("Ann Example")});
    }
    core::Result<SignedIn> log_in(std::string_view email, std::string_view password = "correct horse") {
        auto answer = begin_log_in(email, password);
        if (!answer) return std::unexpected(std::move(answer.error()));
        return std::get<SignedIn>(std::move(*answer));
    }
    core::Result<LogInAnswer> begin_log_in(std::string_view email,
                                           std::string_view password = "correct horse",
                                           const core::Caller& caller = guest()) {
        return call<LogInAnswer>(
            "/v1/auth/login", caller,
            LogIn{*core::Email::from_text(email), *core::PasswordAttempt::from_text(password)});
    }
    core::Result<SignedIn> refresh(const std::string& token) {
        return call<SignedIn>("/v1/auth/refresh", guest(), RefreshRequest{RefreshTokenText::trusted(token)});
    }
    core::Result<http::Nothing> log_out(const core::Caller& caller, std::optional<std::string> token = {}) {
        LogOut request;
        if (token) request.refresh_token = RefreshTokenText::trusted(*token);
        return call<http::Nothing>("/v1/auth/logout", caller, request);
    }
    core::Result<http::Nothing> change_password(const core::Caller& caller, std::string_view from,
                                                std::string_view to) {
        return call<http::Nothing>(
            "/v1/me/password", caller,
            PasswordChange{*core::PasswordAttempt::from_text(from), *core::Password::from_text(to)});
    }

    core::Result<core::Caller> authenticate(const std::string& access_token) {
        core::Caller caller;
        auto known = authenticate_(access_token, clock.now(), caller);
        if (!known) return std::unexpected(known.error());
        return caller;
    }
    core::Caller caller_of(const SignedIn& signed_in) {
        return support::must(authenticate(signed_in.access_token));
    }
    static core::Caller guest() {
        core::Caller caller;
        caller.ip = "192.0.2.1";
        caller.user_agent = "test";
        return caller;
    }
    std::vector<std::string> events(std::string_view type) {
        constexpr store::Sql sql = "select subject from events where type = $1 order by id";
        return support::must(read([&](store::Tx& tx) { return tx.list<std::string>(sql, type); }));
    }

    Auth& auth() { return *auth_; }
    http::Api& api() { return *api_; }

private:
    void wire(store::Database& database, const Settings& settings) {
        auth_ = std::make_unique<Auth>(settings, database);
        database.on_commit([this](std::span<const store::Event> events) {
            if (auth_) auth_->on_commit(events);
        });
        auth_->start();
        authenticate_ = auth_->authenticate();
        api_.emplace();
        auth_->add_routes(*api_);
    }
    static core::Result<store::Box> run(const http::Operation& operation, const core::Caller& caller,
                                        store::Box input) {
        boost::asio::io_context context;
        auto future =
            boost::asio::co_spawn(context, operation.run(caller, std::move(input)), boost::asio::use_future);
        auto keep_running = boost::asio::make_work_guard(context);
        std::jthread thread([&] { context.run(); });
        auto output = future.get();
        keep_running.reset();
        return output;
    }

    std::unique_ptr<Auth> auth_;
    http::Authenticate authenticate_;
    std::optional<http::Api> api_;
};

}  // namespace auth
