// Before money is spoken of: whose key, what it counts for, what the request can cost.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <string_view>

#include "exchange.h"
#include "shown.h"
#include "stored.h"
#include "understand.h"

namespace purser::gateway {
namespace {

std::string listed(const std::vector<std::string>& names) {
  if (names.empty()) return "There are none yet.";
  std::string text = "There are:";
  constexpr std::size_t kShown = 50;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i)
    text += (i == 0 ? " " : ", ") + names[i];
  return text + (names.size() > kShown ? ", …" : ".");
}

std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view value = text.substr(0, comma);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
    if (!value.empty()) values.emplace_back(value);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return values;
}

// Whether output may be lowered to fit.
Result<bool> read_clamp(const std::string& text) {
  if (text.empty() || http::equal_without_case(text, "on")) return true;
  if (http::equal_without_case(text, "off")) return false;
  return Error{"bad_clamp", "x-purser-clamp is " + shown(text) + ": send on or off."};
}

// Beside the fields for it, a key would go to the provider, or be kept as the name of something.
bool misplaces_key(const http::RequestHead& head) {
  constexpr std::array<std::string_view, 6> kTakenForKeys = {
      "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization"};
  if (holds_key(head.query())) return true;
  for (const http::Field field : head.fields) {
    const auto is_name = [&](std::string_view name) {
      return http::equal_without_case(name, field.name);
    };
    if (holds_key(field.value) && std::ranges::none_of(kTakenForKeys, is_name)) return true;
  }
  return false;
}

Error misplaced_key() {
  return Error{"misplaced_key",
               "A Purser key stands where none belongs: in the address, in another header than "
               "`Authorization` or `x-api-key`, or as the model, the user or the metadata of the "
               "request. Take it out, and consider it known to others."};
}

bool may_book(const identity::Directory::Project& project, const Id& team) {
  return std::find(project.teams.begin(), project.teams.end(), team) != project.teams.end();
}

}  // namespace

std::string Exchange::header(std::string_view name) const {
  return std::string(client_.head().fields.find(name).value_or(std::string_view()));
}

// False: too much is queued, and the client has its answer.
Exchange::Done Exchange::run_on_worker(std::function<void()> work) {
  const bool ran = co_await gateway_.run_on_worker(std::move(work));
  if (ran) co_return true;
  Error error{"busy", "Purser has too much to do at the moment; try again.", Side::us};
  co_await refuse(503, std::move(error));
  co_return false;
}

Exchange::Done Exchange::identify() {
  key_text_ = Gateway::key_text(client_.head());
  if (key_text_.empty()) {
    Error error{
        "no_key",
        "No key was sent. Put your Purser key (psr_…) where your tool has the provider's key: "
        "`Authorization: Bearer` or `x-api-key`."};
    co_await refuse(401, std::move(error));
    co_return false;
  }
  if (misplaces_key(client_.head())) {
    Error error = misplaced_key();
    co_await refuse(400, std::move(error));
    co_return false;
  }
  principal_ = gateway_.keys->cached(key_text_);
  if (!principal_) {
    std::optional<Result<identity::PrincipalPtr>> resolved;
    std::function<void()> resolve = [this, &resolved] {
      resolved = gateway_.keys->resolve(key_text_);
    };
    const bool ran = co_await run_on_worker(std::move(resolve));
    if (!ran) co_return false;
    if (!resolved->ok()) {
      Error error = resolved->error();
      const int status = error.side == Side::us ? 503 : 401;
      co_await refuse(status, std::move(error));
      co_return false;
    }
    principal_ = **resolved;
  }
  if (principal_->key_kind == identity::KeyKind::manage) {
    Error error{
        "manage_key",
        "This is a manage key: it administers Purser and makes no AI requests. Use a key of "
        "kind `use`: `purser key create --user EMAIL`."};
    co_await refuse(403, std::move(error));
    co_return false;
  }
  co_return true;
}

std::optional<providers::Refusal> Exchange::attribute() {
  directory_ = gateway_.keys->directory();
  store::Attribution& a = attribution_;
  a.user = principal_->user;
  a.team = principal_->team;
  a.membership = principal_->membership;
  a.key = principal_->key;
  a.project = principal_->default_project;
  a.label = principal_->default_label;
  a.format = std::string(providers::name(format_));
  names_.workspace = directory_->workspace_name;
  names_.team = principal_->team_name;
  names_.user = principal_->user_name;
  const auto refused = [this](const char* code, std::string message) {
    return refusal_of(refusal_context(), 400, Error{code, std::move(message)});
  };

  if (const std::string name = header("x-purser-project"); !name.empty()) {
    const auto* project = directory_->find_project(name);
    if (project == nullptr || !may_book(*project, a.team)) {
      std::vector<std::string> names;
      for (const auto& other : directory_->projects)
        if (may_book(other, a.team)) names.push_back(other.name);
      return refused("unknown_project", "There is no project " + shown(name) +
                                            " that your team may book on. " + listed(names));
    }
    a.project = project->id;
  }
  if (const std::string name = header("x-purser-label"); !name.empty()) {
    const auto* label = directory_->find_label(name);
    if (label == nullptr) {
      std::vector<std::string> names;
      for (const auto& other : directory_->labels) names.push_back(other.name);
      return refused("unknown_label", "There is no label " + shown(name) + ". " + listed(names));
    }
    a.label = label->id;
  }
  if (auto task = read_task(); !task) return refusal_of(refusal_context(), 400, task.error());
  for (const auto& project : directory_->projects)
    if (project.id == a.project) names_.project = project.name;
  for (const auto& label : directory_->labels)
    if (label.id == a.label) names_.label = label.name;
  names_.task = a.task_name;
  return std::nullopt;
}

Result<Understood> Exchange::understand_body() {
  const auto book = gateway_.prices();
  const std::string betas = client_.head().fields.joined("anthropic-beta");
  const RequestSeen seen{upstreams_, book, format_, betas, body_};
  if (const Understood* known = lane_.refused.find(attribution_.key, seen)) return *known;
  providers::RequestHeaders headers;
  headers.anthropic_betas = split_values(betas);
  Result<Understood> understood = understand(
      [&](std::string_view model) { return lane_.route(upstreams_, book, format_, model); },
      format_, body_, headers);
  if (understood) lane_.refused.keep(attribution_.key, seen, *understood);
  return understood;
}

std::optional<providers::Refusal> Exchange::read_shape() {
  Result<Understood> understood = understand_body();
  if (!understood)
    return refusal_of(refusal_context(), suggested_status(understood.error()), understood.error());
  if (holds_key(understood->shape.model) || holds_key(understood->shape.end_user) ||
      holds_key(understood->shape.metadata_json))
    return refusal_of(refusal_context(), 400, misplaced_key());
  shape_ = std::move(understood->shape);
  for (const std::string& beta : shape_.unlisted_betas)
    if (gateway_.betas.count(beta))
      boost::asio::post(gateway_.workers,
                        [store = gateway_.store, beta] { BetaNotices::record(*store, beta); });
  route_ = std::move(understood->route);
  const std::string& provider = options().providers[route_.entry].name;
  if (const auto scope =
          identity::forbidding(directory_->rules, scopes(), provider, route_.upstream_model))
    return refusal_of_model(refusal_context(), scope->kind, shape_.model,
                            *directory_->rules.at(*scope).models);
  attribution_.provider = options().providers[route_.entry].name;
  attribution_.asked_model = shape_.model;
  attribution_.end_user = shape_.end_user;
  attribution_.metadata = shape_.metadata_json;
  return std::nullopt;
}

Exchange::Done Exchange::check_stored() {
  std::optional<ResponseOwners::Owner> owner;
  if (shape_.previous_response_id) owner = gateway_.responses.find(*shape_.previous_response_id);
  if (shape_.previous_response_id && !owner) {
    std::function<void()> look = [this, &owner] {
      owner = gateway_.find_recorded_response(*shape_.previous_response_id);
    };
    const bool ran = co_await run_on_worker(std::move(look));
    if (!ran) co_return false;
  }
  const Result<void> counted = count_stored(shape_, owner, principal_->user);
  if (counted) co_return true;
  Error error = counted.error();
  co_await refuse(403, std::move(error));
  co_return false;
}

std::optional<providers::Refusal> Exchange::make_plan_of_shape() {
  const auto clamp = read_clamp(header("x-purser-clamp"));
  if (!clamp) return refusal_of(refusal_context(), 400, clamp.error());
  auto price =
      lane_.price(gateway_.prices(), route_.price_provider, route_.upstream_model, started_at_);
  const auto unpriced = [&](const Error& error) {
    providers::Refusal refusal = refusal_of(refusal_context(), 402, error);
    refusal.for_spend = true;
    return refusal;
  };
  if (!price) return unpriced(price.error());
  PlanInput input;
  input.input_tokens = gateway_.prefixes.tighten(shape_);
  input.clamp = *clamp;
  input.doubled = gateway_.store->is_overspent((*price)->id);
  Result<Plan> plan = make_plan(shape_, *price, input);
  if (!plan) return unpriced(plan.error());
  plan_ = std::move(*plan);
  return std::nullopt;
}

Exchange::Done Exchange::admit() {
  if (auto refusal = attribute()) {
    co_await refuse(std::move(*refusal));
    co_return false;
  }
  if (!gateway_.key_load.enter(attribution_.key, options().holds_per_key)) {
    Error error{"too_many_requests_of_key",
                "This key has " + std::to_string(options().holds_per_key) +
                    " requests in flight, which is its limit; try again when one has ended."};
    co_await refuse(429, std::move(error));
    co_return false;
  }
  counted_for_key_ = true;

  // A paused cap refuses before the body is parsed; it is read, to keep the connection.
  const auto pause = gateway_.store->find_pause(scopes());
  Result<std::string> body = co_await client_.read_body(options().body_bytes);
  if (!body) {
    Error error = body.error();
    const int status = http::ServerExchange::suggested_status(error);
    co_await refuse(status, std::move(error));
    co_return false;
  }
  const bool counts_only = format_ == providers::Format::anthropic_count_tokens;
  if (pause && (pause->stopped || (!counts_only && !gateway_.serves_free_models()))) {
    providers::Refusal refusal = refusal_of(refusal_context(), *pause);
    co_await refuse(std::move(refusal));
    co_return false;
  }
  body_ = std::move(*body);
  std::optional<providers::Refusal> refusal = read_shape();
  if (!refusal) {
    const bool ours = co_await check_stored();
    if (!ours) co_return false;
    refusal = make_plan_of_shape();
  }
  if (!refusal) co_return true;
  co_await refuse(std::move(*refusal));
  co_return false;
}

}  // namespace purser::gateway
