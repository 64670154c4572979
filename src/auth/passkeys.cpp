#include "auth/passkeys.hpp"

#include "auth/passkey_queries.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

namespace auth {
namespace {

constexpr std::chrono::minutes challenge_lifetime{5};  // SE-19
constexpr std::int64_t passkeys_max = 20;              // of one account: every device somebody has
constexpr std::int64_t swept_at_once = 500;
constexpr std::string_view for_registration = "register";
constexpr std::string_view for_log_in = "login";

std::string hash_of(std::string_view challenge) {
    return core::to_hex(core::fingerprint(challenge));
}

std::unexpected<core::Error> refused_registration() {
    return core::fail_field(
        "/credential", "invalid_credential",
        "is not a passkey made for this shop, by somebody who unlocked it, for a challenge of the "
        "last five minutes");
}

std::unexpected<core::Error> refused_log_in() {
    return core::fail(core::ErrorCode::invalid_credentials,
                      "The passkey's answer is not valid (any more), or nobody's here. Begin again.");
}

// A member of credential.response, decoded.
std::optional<std::string> response_bytes(const boost::json::value& credential, std::string_view name) {
    const auto* object = credential.if_object();
    const auto* response = object ? object->if_contains("response") : nullptr;
    const auto* members = response ? response->if_object() : nullptr;
    const auto* member = members ? members->if_contains(name) : nullptr;
    if (!member || !member->is_string()) return {};
    return core::from_base64url(member->get_string());
}

std::string credential_id_of(const boost::json::value& credential) {
    const auto* object = credential.if_object();
    const auto* id = object ? object->if_contains("id") : nullptr;
    return id && id->is_string() ? std::string(id->get_string()) : std::string();
}

Passkey to_passkey(queries::PasskeyRow row) {
    return {.id = row.id,
            .name = std::move(row.name),
            .backed_up = row.backed_up,
            .created_at = row.created_at,
            .last_used_at = row.last_used_at};
}

boost::json::object descriptor(const queries::PasskeyRow& row) {
    return {{"type", "public-key"}, {"id", row.credential_id}};
}

}  // namespace

std::string Passkeys::new_challenge(store::Tx& tx, std::string_view purpose,
                                    std::optional<core::UserId> user) const {
    auto bytes = core::random_bytes<32>();
    std::string_view challenge(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    queries::insert_passkey_challenge(tx, hash_of(challenge), purpose, user, tx.now() + challenge_lifetime);
    return core::to_base64url(challenge);
}

core::Result<PasskeyOptions> Passkeys::begin_registration(store::Tx& tx, const core::Caller& caller) const {
    auto profile = users::get_profile(tx, *caller.user);
    if (!profile) return std::unexpected(std::move(profile.error()));
    boost::json::array known;
    for (const auto& row : queries::list_passkeys(tx, *caller.user))
        known.push_back(descriptor(row));
    boost::json::array algorithms;
    for (std::int64_t algorithm : {cose_es256, cose_eddsa, cose_rs256})
        algorithms.push_back({{"type", "public-key"}, {"alg", algorithm}});
    return PasskeyOptions{
        {{"rp", {{"id", settings_.passkey_party.id}, {"name", settings_.shop_name}}},
         {"user",
          {{"id", core::to_base64url(profile->id.text())},
           {"name", profile->email},
           {"displayName", profile->name}}},
         {"challenge", new_challenge(tx, for_registration, caller.user)},
         {"pubKeyCredParams", std::move(algorithms)},
         {"timeout", std::chrono::milliseconds(challenge_lifetime).count()},
         {"excludeCredentials", std::move(known)},
         {"authenticatorSelection",
          {{"residentKey", "required"}, {"requireResidentKey", true}, {"userVerification", "required"}}},
         {"attestation", "none"}}};
}

core::Result<Passkey> Passkeys::register_passkey(store::Tx& tx, const core::Caller& caller,
                                                 const PasskeyRegistration& request) const {
    const RelyingParty& party = settings_.passkey_party;
    auto client_data = response_bytes(request.credential, "clientDataJSON");
    auto object = response_bytes(request.credential, "attestationObject");
    if (!client_data || !object) return refused_registration();
    auto challenge = read_challenge(*client_data, Ceremony::create, party);
    if (!challenge) return refused_registration();
    auto taken = queries::take_passkey_challenge(tx, hash_of(*challenge), for_registration);
    auto made = read_attestation(*object, party);
    if (!taken || taken->user_id != caller.user || !made) return refused_registration();

    queries::PasskeyRow row{.id = PasskeyId::at(tx.now()),
                            .user_id = *caller.user,
                            .name = request.name ? request.name->str() : "Passkey",
                            .algorithm = made->algorithm,
                            .public_key = core::to_base64url(made->public_key),
                            .sign_count = made->sign_count,
                            .backup_eligible = made->backup_eligible,
                            .backed_up = made->backed_up,
                            .created_at = tx.now(),
                            .credential_id = core::to_base64url(made->credential_id)};
    if (!queries::insert_passkey(tx, row, core::to_base64url(made->aaguid), passkeys_max)) {
        return core::fail(core::ErrorCode::conflict, "This passkey is registered already, or you have " +
                                                         std::to_string(passkeys_max) + " of them.");
    }
    sessions_.revoke_all(tx, *caller.user, caller.session, "mfa_changed");
    tx.append_event("user.passkey_added", caller.user->str());
    return to_passkey(std::move(row));
}

core::Result<PasskeyOptions> Passkeys::begin_log_in(store::Tx& tx) const {
    return PasskeyOptions{{{"challenge", new_challenge(tx, for_log_in, {})},
                           {"rpId", settings_.passkey_party.id},
                           {"timeout", std::chrono::milliseconds(challenge_lifetime).count()},
                           {"allowCredentials", boost::json::array{}},
                           {"userVerification", "required"}}};
}

core::Result<core::UserId> Passkeys::identify(store::Tx& tx, const boost::json::value& credential) const {
    const RelyingParty& party = settings_.passkey_party;
    auto client_data = response_bytes(credential, "clientDataJSON");
    auto data = response_bytes(credential, "authenticatorData");
    auto signature = response_bytes(credential, "signature");
    if (!client_data || !data || !signature) return refused_log_in();
    auto challenge = read_challenge(*client_data, Ceremony::get, party);
    if (!challenge || !queries::take_passkey_challenge(tx, hash_of(*challenge), for_log_in))
        return refused_log_in();

    auto row = queries::find_passkey_by_credential(tx, credential_id_of(credential));
    if (!row) return refused_log_in();
    auto key = core::from_base64url(row->public_key);
    auto state = verify_assertion({*client_data, *data, *signature}, row->algorithm, *key, party);
    if (!state || state->backup_eligible != row->backup_eligible) return refused_log_in();
    // A counter that didn't grow: somebody has a copy of the key (§6.1.1).
    if (!queries::note_use(tx, row->id, state->sign_count, state->backed_up)) return refused_log_in();
    return row->user_id;
}

core::Result<SignedIn> Passkeys::log_in(store::Tx& tx, const core::Caller& caller,
                                        const PasskeyLogIn& request) const {
    auto user = identify(tx, request.credential);
    if (!user) return std::unexpected(std::move(user.error()));
    auto account = users::find_credentials(tx, *user);
    auto noted = account ? users::note_login(tx, *user, account->password_hash) : std::nullopt;
    if (!noted) return refused_log_in();  // disabled
    return sessions_.begin(tx, caller, std::move(noted->profile), noted->session_start,
                           Proof{tx.now(), tx.now()});
}

core::Result<core::List<Passkey>> Passkeys::list(store::Tx& tx, const core::Caller& caller) const {
    core::List<Passkey> all;
    for (auto& row : queries::list_passkeys(tx, *caller.user))
        all.data.push_back(to_passkey(std::move(row)));
    return all;
}

core::Result<Passkey> Passkeys::get(store::Tx& tx, const core::Caller& caller, const PasskeyRef& ref) const {
    auto row = queries::find_passkey(tx, *caller.user, ref.id);
    if (!row) return core::not_found("passkey");
    return to_passkey(std::move(*row));
}

core::Result<Passkey> Passkeys::rename(store::Tx& tx, const core::Caller& caller,
                                       const PasskeyPatch& patch) const {
    if (!queries::rename_passkey(tx, *caller.user, patch.id, patch.name)) return core::not_found("passkey");
    return get(tx, caller, {patch.id});
}

core::Result<http::Nothing> Passkeys::remove(store::Tx& tx, const core::Caller& caller,
                                             const PasskeyRef& ref) const {
    if (!queries::delete_passkey(tx, *caller.user, ref.id)) return core::not_found("passkey");
    sessions_.revoke_all(tx, *caller.user, caller.session, "mfa_changed");
    tx.append_event("user.passkey_removed", caller.user->str());
    return http::Nothing{};
}

bool Passkeys::sweep(store::Tx& tx) const {
    return queries::delete_passkey_challenges_ended(tx, swept_at_once) == swept_at_once;
}

}  // namespace auth
