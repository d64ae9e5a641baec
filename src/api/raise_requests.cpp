// Asking for a raise, and what becomes of it.
#include "purser/identity/raise_requests.h"

#include "cap_lookup.h"
#include "handlers.h"
#include "my_caps.h"
#include "pauses.h"
#include "purser/identity/names.h"
#include "refs.h"
#include "scopes.h"
#include "until.h"

namespace purser::api {
namespace {

using identity::RaiseRequest;
using ledger::ScopeKind;

json::value person_json(store::Sql& sql, const Id& workspace, const Id& user) {
  if (user.is_zero()) return nullptr;
  return json::object{{"id", id_json(identity::kUserPrefix, user)},
                      {"name", scope_name(sql, workspace, {ScopeKind::user, user})}};
}

json::value usd_or_null(const std::optional<Nanos>& amount) {
  return amount ? usd_json(*amount) : json::value(nullptr);
}

json::object request_json(const Call& call, store::Sql& sql, const RaiseRequest& request) {
  const Id& workspace = call.workspace();
  const Instant now = call.store().ledger_now();
  const auto in_force = identity::load_cap_in_force(sql, workspace, request.cap, now);
  json::object cap{{"id", id_json(identity::kCapPrefix, request.cap)},
                   {"scope", ledger::name(request.scope.kind)},
                   {"name", scope_name(sql, workspace, request.scope)},
                   {"period", name(request.period)},
                   {"enforcement", ledger::name(request.enforcement)},
                   {"limit_usd", in_force ? usd_json(in_force->limit) : json::value(nullptr)}};
  return {{"id", id_json(identity::kRaiseRequestPrefix, request.id)},
          {"state", identity::name(request.state_at(now))},
          {"cap", std::move(cap)},
          {"asked_by", person_json(sql, workspace, request.asked_by)},
          {"asked_at", instant_json(request.asked)},
          {"last_asked_at", instant_json(request.last_asked)},
          {"times", request.times},
          {"limit_usd", usd_or_null(request.limit)},
          {"reason", request.reason},
          {"expires_at", instant_json(request.expires)},
          {"decided_by", person_json(sql, workspace, request.decided_by)},
          {"decided_at", instant_json(request.decided)},
          {"word", text_or_null(request.word)},
          {"granted_limit_usd", usd_or_null(request.granted_limit)},
          {"granted_until", instant_json(request.granted_until)}};
}

Result<Reply> show(const Call& call, store::Sql& sql, const Id& id) {
  const auto request = identity::load_raise_request(sql, call.workspace(), id);
  if (!request) return request.error();
  return Reply{request_json(call, sql, *request)};
}

Error unknown_request(std::string_view text) {
  return Error{
      "unknown_raise_request",
      "There is no raise request " + std::string(text.substr(0, 60)) + " that you may read."};
}

Result<Id> id_in_path(const Call& call) {
  auto id = parse_id(identity::kRaiseRequestPrefix, call.params[0]);
  if (!id) return unknown_request(call.params[0]);
  return id;
}

// A use key asks and reads for its holder alone, whatever their role.
Sight asking_sight(const Call& call, store::Sql& sql) {
  Sight sight = call.sight(sql);
  if (call.who.key_kind == identity::KeyKind::manage) return sight;
  sight.everything = false;
  sight.teams_led.clear();
  return sight;
}

bool concerns(const Sight& sight, store::Sql& sql, const Id& workspace,
              const ledger::Scope& scope) {
  return sight.sees_scope(sql, workspace, scope) || may_book_on(sql, workspace, sight.user, scope);
}

bool refuses(const store::CapStatus& one) {
  return is_spent(one) ||
         (one.cap.enforcement == ledger::Enforcement::hard && one.account.remaining() <= Nanos{0});
}

// The cap that stands in the way now: of those that refuse the one with the least left, else of the
// user's own.
Result<Id> binding_cap(const Call& call, store::Sql& sql) {
  std::optional<store::CapStatus> refusing, own;
  const auto keep_least = [](std::optional<store::CapStatus>& kept, const store::CapStatus& one) {
    if (!kept || one.account.remaining() < kept->account.remaining()) kept = one;
  };
  for (const auto& one : caps_of_caller(call, sql)) {
    if (refuses(one)) keep_least(refusing, one);
    const bool is_hard = one.cap.enforcement == ledger::Enforcement::hard;
    if (is_hard && one.cap.scope.kind == ScopeKind::user) keep_least(own, one);
  }
  if (refusing) return refusing->cap.id;
  if (own) return own->cap.id;
  return Error{"not_possible",
               "No cap stands in the way of this key's requests: name the one you mean with "
               "\"cap\"."};
}

Result<Id> cap_asked_about(const Call& call, store::Sql& sql,
                           const std::optional<std::string>& name) {
  if (!name) return binding_cap(call, sql);
  const auto id = parse_cap_id(*name);
  if (!id) return id.error();
  const Sight sight = asking_sight(call, sql);
  const auto scope = scope_of_cap(sql, call.workspace(), *id);
  if (!sight.everything && (!scope || !concerns(sight, sql, call.workspace(), *scope))) {
    return forbidden(
        "You may ask about the caps that your requests fall under, and those of teams you lead.");
  }
  if (!scope) return scope.error();
  return *id;
}

}  // namespace

Result<Reply> ask_for_raise(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const auto cap = body.text("cap");
  const auto limit = body.usd("limit_usd");
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 201,
      [&](store::Change& change) -> Result<void> {
        const auto about = cap_asked_about(call, change.sql(), cap);
        if (!about) return about.error();
        auto asked = identity::ask_for_raise(change, *about, limit, call.by);
        if (!asked) return asked.error();
        id = *asked;
        return {};
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
}

Result<Reply> list_raise_requests(Call& call) {
  identity::RaiseRequestFilter filter;
  filter.limit = call.query.limit();
  filter.after = call.query.after(identity::kRaiseRequestPrefix);
  const std::string state = call.query.text("state");
  if (auto query = call.query.finish(); !query) return query.error();
  if (!state.empty()) {
    filter.state = identity::parse_raise_request_state(state);
    if (!filter.state) {
      return Error{"bad_query", "\"state\" is open, granted, declined, withdrawn or expired."};
    }
  }
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Sight sight = asking_sight(call, sql);
    if (!sight.everything) filter.user = sight.user;
    filter.teams = sight.teams_led;
    const auto requests =
        identity::list_raise_requests(sql, call.workspace(), call.store().ledger_now(), filter);
    json::array items;
    for (const auto& request : requests) items.push_back(request_json(call, sql, request));
    const bool is_full = requests.size() == filter.limit;
    return page_reply(std::move(items),
                      is_full ? to_text(identity::kRaiseRequestPrefix, requests.back().id) : "");
  });
}

Result<Reply> get_raise_request(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto request = identity::load_raise_request(sql, call.workspace(), *id);
    const Sight sight = asking_sight(call, sql);
    // What a lead reads is what the list shows them: of their teams, not of the whole workspace.
    const bool may =
        request && (sight.everything || request->asked_by == sight.user ||
                    (!sight.teams_led.empty() && request->scope.kind != ScopeKind::workspace &&
                     (request->scope.kind != ScopeKind::team || sight.leads(request->scope.id)) &&
                     sight.sees_scope(sql, call.workspace(), request->scope)));
    if (!may) return unknown_request(call.params[0]);
    return Reply{request_json(call, sql, *request)};
  });
}

Result<Reply> grant_raise_request(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  Body body(call.body);
  RaiseBody raise(body, call);
  const std::string word = body.text("word").value_or("");
  if (auto read = body.finish(); !read) return read.error();
  Id cap;
  auto found = call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto request = identity::load_raise_request(sql, call.workspace(), *id);
    if (!request) return request.error();
    cap = request->cap;
    // As it was asked, where nothing else is said.
    raise.set_default(request->limit);
    return Reply{};
  });
  if (!found) return found;
  const auto to = raise.of(call, cap);
  if (!to && to.error().code == "unknown_cap") {
    return Error{"not_possible",
                 "The cap that this request is about has ended: decline it, or set a new cap."};
  }
  if (!to) return to.error();
  return change_and_show(
      call, 200,
      [&](store::Change& change) {
        return identity::grant_raise_request(change, *id, *to, word, call.by);
      },
      [&](store::Sql& sql) { return show(call, sql, *id); });
}

Result<Reply> decline_raise_request(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  Body body(call.body);
  const std::string word = body.required_text("word");
  if (auto read = body.finish(); !read) return read.error();
  return change_and_show(
      call, 200,
      [&](store::Change& change) {
        return identity::decline_raise_request(change, *id, word, call.by);
      },
      [&](store::Sql& sql) { return show(call, sql, *id); });
}

Result<Reply> withdraw_raise_request(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  if (auto read = Body(call.body).finish(); !read) return read.error();
  return change_and_show(
      call, 200,
      [&](store::Change& change) { return identity::withdraw_raise_request(change, *id, call.by); },
      [&](store::Sql& sql) { return show(call, sql, *id); });
}

}  // namespace purser::api
