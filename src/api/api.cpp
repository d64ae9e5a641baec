#include "purser/api/api.h"

#include <exception>

#include "answer.h"
#include "request_reads.h"
#include "route.h"

namespace purser::api {
namespace {

constexpr std::size_t kMaxReasonBytes = 500;
// A list of people for `import` is the largest body that there is.
constexpr std::size_t kLargestBody = 8u << 20;
// Of a stranger, who may sign in: a password of 1,024 bytes with each of them escaped fits.
constexpr std::size_t kLargestSignInBody = 8u << 10;

Error unknown_path(std::string_view path) {
  return Error{"unknown_path", "There is nothing at " + std::string(path.substr(0, 100)) +
                                   ". The addresses of this API are in docs/API.md."};
}

Error method_not_allowed(std::string_view method, std::string_view allowed) {
  return Error{"method_not_allowed", std::string(method.substr(0, 20)) +
                                         " is not served here, but " + std::string(allowed) +
                                         " is."};
}

Result<void> check_access(const identity::Principal& who, Access access) {
  using identity::Role;
  if (access == Access::any_key) return {};
  if (access == Access::session && !who.key.is_zero()) {
    return Error{"needs_session",
                 "This is for who is signed in: a key has no password. Sign in first."};
  }
  if (who.key_kind != identity::KeyKind::manage) {
    return Error{"needs_manage_key",
                 "A use key makes AI requests, reads /api/v1/me, /api/v1/me/tasks, "
                 "/api/v1/estimate and its own requests, and asks for raises. Use a manage key "
                 "here; an admin can make one."};
  }
  const bool reads_all = who.role == Role::admin || who.role == Role::finance;
  if (access == Access::reader && !reads_all)
    return forbidden("Only an admin or finance may read this; you are a member.");
  if (access == Access::admin && who.role != Role::admin) {
    return forbidden("Only an admin may do this; you are " +
                     std::string(who.role == Role::finance ? "finance" : "a member") + ".");
  }
  return {};
}

Error foreign_page() {
  return Error{"foreign_page",
               "This came from a page of another site, or from a program that does not say where "
               "from. Use Purser's own pages, or send a key instead of the cookie."};
}

// What a cookie allows, any page on the web could ask for: a change must come from our own, and in
// a form that a page of another site cannot send (a form of HTML sends no JSON).
Result<void> check_browser(const ApiRequest& request, const std::string& base_url,
                           const Route& route) {
  if (request.method == "GET") return {};
  if (!is_same_origin(request, base_url, false)) return foreign_page();
  if (route.body == BodyKind::none) return {};
  const std::string_view wanted = route.body == BodyKind::json ? "application/json" : "text/csv";
  const std::string_view type =
      std::string_view(request.content_type).substr(0, request.content_type.find(';'));
  if (type == wanted) return {};
  return Error{"wrong_content_type",
               "Send the header \"Content-Type: " + std::string(wanted) + "\" with this."};
}

Result<std::string> reason_of(Call& call) {
  std::string reason = call.query.text("reason");
  if (const auto* given = call.body.if_contains("reason")) {
    if (!given->is_string()) return Error{"bad_member", "\"reason\" must be a string."};
    reason = std::string(given->get_string());
    call.body.erase("reason");
  }
  if (reason.size() > kMaxReasonBytes)
    return Error{"bad_member", "\"reason\" is longer than 500 bytes: shorten it."};
  return reason;
}

}  // namespace

bool is_same_origin(const ApiRequest& request, std::string_view base_url, bool when_silent) {
  if (!request.fetch_site.empty())
    return request.fetch_site == "same-origin" || request.fetch_site == "none";
  if (request.origin.empty()) return when_silent;
  if (request.origin == base_url) return true;
  // Without its scheme: behind something that ends TLS for us, ours is not the browser's.
  const auto slashes = request.origin.find("://");
  if (slashes == std::string::npos || request.host.empty()) return false;
  return std::string_view(request.origin).substr(slashes + 3) == request.host;
}

struct Api::State {
  Services services;
  RequestReads reads;

  std::string base_url() const { return services.base_url ? services.base_url() : std::string(); }

  Result<identity::PrincipalPtr> identify(const ApiRequest& request) const {
    if (!request.authorization.empty()) return services.keys->resolve(request.authorization);
    if (!request.session.empty() && services.sign_in)
      return services.sign_in->resolve(request.session);
    return Error{
        "no_key",
        "Send your Purser key in the Authorization header (\"Bearer psr_…\"), or sign in."};
  }

  Result<Reply> answer(const ApiRequest& request, std::string& allowed) {
    const RouteMatch match = find_route(request.method, request.path);
    if (match.route && match.route->access == Access::anyone) {
      if (!is_same_origin(request, base_url(), true)) return foreign_page();
      return run(*match.route, match.params, identity::Principal{}, request);
    }
    const auto who = identify(request);
    if (!who) return who.error();
    if (!match.route) {
      if (match.allowed.empty()) return unknown_path(request.path);
      allowed = match.allowed;
      return method_not_allowed(request.method, match.allowed);
    }
    auto may = check_access(**who, match.route->access);
    if (!may) return may.error();
    if (request.authorization.empty()) {
      auto ours = check_browser(request, base_url(), *match.route);
      if (!ours) return ours.error();
    }
    return run(*match.route, match.params, **who, request);
  }

  Result<Reply> run(const Route& route, const std::vector<std::string>& params,
                    const identity::Principal& who, const ApiRequest& request) {
    auto query = Query::parse(request.query);
    if (!query) return query.error();
    Call call{services, who, params, std::move(*query), {}, request.body, {}, reads, request};
    if (request.body.size() > kMaxBodyBytes)
      return Error{"body_too_large", "The request's body is larger than 4 MiB."};
    if (route.body == BodyKind::json) {
      auto body = parse_object(request.body);
      if (!body) return body.error();
      call.body = std::move(*body);
    }
    call.by.actor = {who.user, who.user_email.empty() ? who.user_name : who.user_email};
    if (route.is_change) {
      auto reason = reason_of(call);
      if (!reason) return reason.error();
      call.by.reason = std::move(*reason);
    }
    auto reply = route.handler(call);
    if (route.is_change && reply) services.keys->reload_directory();
    return reply;
  }
};

Api::Api(Services services) : state_(std::make_unique<State>()) {
  PURSER_ASSERT(services.store && services.keys && services.env);
  state_->services = std::move(services);
}

Api::~Api() = default;

std::size_t Api::body_limit(const ApiRequest& request) const {
  const RouteMatch match = find_route(request.method, request.path);
  if (match.route && match.route->access == Access::anyone) return kLargestSignInBody;
  try {
    return state_->identify(request).ok() ? kLargestBody : 0;
  } catch (const store::SqlError&) {
    return 0;  // `handle` will say so
  }
}

ApiResponse Api::handle(const ApiRequest& request) {
  std::string allowed;
  const auto guarded = [&]() -> Result<Reply> {
    try {
      return state_->answer(request, allowed);
    } catch (const store::SqlError& error) {
      return Error{"unavailable",
                   "The store could not answer this (" + std::string(error.what()) +
                       "). Nothing was changed; try again, or ask for less at once.",
                   Side::us};
    } catch (const std::exception&) {
      return Error{"internal",
                   "This failed for a reason that is ours. What it would have changed is as it was "
                   "or as it was asked for: read it before trying again.",
                   Side::us};
    }
  };
  ApiResponse response = to_response(guarded());
  if (!allowed.empty()) response.fields.emplace_back("Allow", allowed);
  return response;
}

}  // namespace purser::api
