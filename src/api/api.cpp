#include "purser/api/api.h"

#include <exception>

#include "answer.h"
#include "request_reads.h"
#include "route.h"

namespace purser::api {
namespace {

constexpr std::size_t kMaxReasonBytes = 500;

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

struct Api::State {
  Services services;
  RequestReads reads;

  Result<Reply> answer(const ApiRequest& request, std::string& allowed) {
    if (request.authorization.empty()) {
      return Error{"no_key", "Send your Purser key in the Authorization header: \"Bearer psr_…\"."};
    }
    const auto who = services.keys->resolve(request.authorization);
    if (!who) return who.error();
    const RouteMatch match = find_route(request.method, request.path);
    if (!match.route) {
      if (match.allowed.empty()) return unknown_path(request.path);
      allowed = match.allowed;
      return method_not_allowed(request.method, match.allowed);
    }
    auto may = check_access(**who, match.route->access);
    if (!may) return may.error();
    return run(*match.route, match.params, **who, request);
  }

  Result<Reply> run(const Route& route, const std::vector<std::string>& params,
                    const identity::Principal& who, const ApiRequest& request) {
    auto query = Query::parse(request.query);
    if (!query) return query.error();
    Call call{services, who, params, std::move(*query), {}, request.body, {}, reads};
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

bool Api::knows(const std::string& key) const {
  return !key.empty() && state_->services.keys->resolve(key).ok();
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
