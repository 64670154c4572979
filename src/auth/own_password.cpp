#include "auth/own_password.hpp"

#include "auth/tries.hpp"

namespace auth {

boost::asio::awaitable<core::Result<OwnPassword::Proven>> OwnPassword::prove(core::UserId user,
                                                                             core::PasswordAttempt password) {
    std::string subject = own_password_subject(user);
    auto begin = [&](store::Tx& tx) -> core::Result<Proven> {
        if (auto allowed = take_try(tx, subject, password_tries); !allowed)
            return std::unexpected(std::move(allowed.error()));
        auto credentials = users::find_credentials(tx, user);
        if (!credentials) return core::not_found("account");
        auto profile = users::get_profile(tx, user);
        if (!profile) return std::unexpected(std::move(profile.error()));
        return Proven{std::move(*profile), std::move(credentials->password_hash)};
    };
    auto known = co_await store::write(database_, begin);
    if (!known) co_return std::unexpected(std::move(known.error()));

    auto verdict = co_await hasher_.verify(known->password_hash, password.reveal());
    if (!verdict) co_return std::unexpected(std::move(verdict.error()));
    if (!verdict->matches)
        co_return core::fail(core::ErrorCode::invalid_credentials, "The current password is wrong.");
    auto forgive = [&](store::Tx& tx) { forget_tries(tx, subject); };
    auto forgiven = co_await store::write(database_, forgive);
    if (!forgiven) co_return std::unexpected(std::move(forgiven.error()));
    co_return std::move(*known);
}

}  // namespace auth
