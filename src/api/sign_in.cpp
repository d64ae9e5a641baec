#include "purser/identity/sign_in.h"

#include "handlers.h"
#include "purser/api/session_cookie.h"
#include "purser/identity/names.h"
#include "purser/identity/users.h"
#include "refs.h"

namespace purser::api {
namespace {

// SameSite=Lax, so that a link in a mail finds its reader signed in; changes are guarded besides
// (check_browser in api.cpp).
std::string cookie(const Call& call, std::string_view text, Duration lifetime) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
  return std::string(kSessionCookie) + "=" + std::string(text) +
         "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds) +
         (call.services.secure_cookies ? "; Secure" : "");
}

Result<Reply> signed_in(const Call& call, const Result<identity::MadeSession>& made) {
  if (!made) return made.error();
  const identity::Principal& who = *made->who;
  Reply reply{json::object{{"user",
                            {{"id", id_json(identity::kUserPrefix, who.user)},
                             {"name", who.user_name},
                             {"email", who.user_email},
                             {"role", identity::name(who.role)}}},
                           {"expires_at", instant_json(made->expires)}}};
  reply.fields.emplace_back("Set-Cookie", cookie(call, made->text, identity::kSessionLifetime));
  return reply;
}

Error not_here() {
  return Error{"unavailable", "This Purser does not offer signing in.", Side::us};
}

}  // namespace

Result<Reply> sign_in(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  if (!call.services.sign_in) return not_here();
  Body body(call.body);
  if (body.has("secret")) {
    const std::string secret = body.required_text("secret");
    const std::string new_password = body.required_text("new_password");
    if (auto read = body.finish(); !read) return read.error();
    return signed_in(call, call.services.sign_in->with_secret(secret, new_password));
  }
  const std::string email = body.required_text("email");
  const std::string password = body.required_text("password");
  if (auto read = body.finish(); !read) return read.error();
  return signed_in(call, call.services.sign_in->with_password(email, password, call.request.peer));
}

Result<Reply> sign_out(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  if (auto read = Body(call.body).finish(); !read) return read.error();
  if (auto ended = call.services.sign_in->sign_out(call.request.session); !ended)
    return ended.error();
  Reply reply{json::object{{"signed_out", true}}};
  reply.fields.emplace_back("Set-Cookie", cookie(call, "", Duration{}));
  return reply;
}

Result<Reply> change_password(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string old_password = body.required_text("old_password");
  const std::string new_password = body.required_text("new_password");
  if (auto read = body.finish(); !read) return read.error();
  return signed_in(call, call.services.sign_in->change_password(call.who, old_password,
                                                                new_password, call.request.peer));
}

Result<Reply> make_sign_in_secret(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  if (auto read = Body(call.body).finish(); !read) return read.error();
  identity::MadeSignInSecret made;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto user = identity::find_user(change.sql(), change.workspace(), call.params[0]);
    if (!user) return user.error();
    auto secret = identity::create_sign_in_secret(change, *call.services.keys, *call.services.env,
                                                  user->id, call.by);
    if (!secret) return secret.error();
    made = *secret;
    return {};
  });
  if (!changed) return changed.error();
  const std::string base = call.services.base_url ? call.services.base_url() : std::string();
  // Behind "#", which a browser sends nowhere: the secret lands in no log on the way.
  return Reply{json::object{{"secret", made.text},
                            {"link", base + "/sign-in/secret#" + made.text},
                            {"expires_at", instant_json(made.expires)}},
               201};
}

}  // namespace purser::api
