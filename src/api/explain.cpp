#include "explain.h"

#include "handlers.h"
#include "purser/identity/names.h"
#include "request_reads.h"
#include "scopes.h"
#include "shapes.h"

namespace purser::api {
namespace {

using ledger::ScopeKind;

// The columns that a hold and a usage share, in this order.
constexpr std::string_view kShared =
    "reserved_at, user, team, project, label, key, task, task_name, provider, asked_model, format, "
    "price_id, price_version, explanation, accounts, end_user, metadata";
constexpr int kSharedCount = 17;

json::value named(store::Sql& sql, const Id& workspace, ScopeKind kind, const Id& id) {
  if (id.is_zero()) return nullptr;
  return json::object{{"id", id_json(prefix_of(kind), id)},
                      {"name", scope_name(sql, workspace, {kind, id})}};
}

// The ids behind a row; their names are looked up when the row has been read.
struct Shared {
  Id user, team, project, label, key, task;
  std::string task_name;
  std::vector<std::uint8_t> accounts;
};

Shared read_shared(const store::Row& row, json::object& into) {
  into["reserved_at"] = instant_json(row.instant(0));
  into["provider"] = row.text(8);
  into["asked_model"] = row.text(9);
  into["format"] = row.text(10);
  into["price"] = json::object{{"id", row.text(11)}, {"version", row.text(12)}};
  into["bound"] = embedded_json(row.text(13));
  into["end_user"] = text_or_null(row.text(15));
  into["metadata"] = embedded_json(row.text(16));
  const auto accounts = row.bytes(14);
  return {row.id(1),
          row.id(2),
          row.id(3),
          row.id(4),
          row.id(5),
          row.id(6),
          std::string(row.text(7)),
          {accounts.begin(), accounts.end()}};
}

// The caps in whose accounts it stands. Each is 24 bytes, the cap's id first (store's layout).
json::array caps_of(store::Sql& sql, const Id& workspace, const std::vector<std::uint8_t>& blob) {
  json::array caps;
  for (std::size_t at = 0; at + 24 <= blob.size(); at += 24) {
    Id id;
    std::copy_n(blob.begin() + static_cast<std::ptrdiff_t>(at), 16, id.bytes.begin());
    ledger::Scope scope;
    json::object cap{{"id", id_json(identity::kCapPrefix, id)}};
    sql.each(
        "SELECT scope_kind, scope_id, period, enforcement FROM caps WHERE workspace = ?1 AND id = "
        "?2",
        {workspace, id}, [&](const store::Row& row) {
          scope = {static_cast<ScopeKind>(row.integer(0)), row.id(1)};
          cap["scope"] = ledger::name(scope.kind);
          cap["period"] = name(static_cast<Period>(row.integer(2)));
          cap["enforcement"] = ledger::name(static_cast<ledger::Enforcement>(row.integer(3)));
        });
    cap["name"] = scope_name(sql, workspace, scope);
    caps.push_back(std::move(cap));
  }
  return caps;
}

void put_names(store::Sql& sql, const Id& workspace, const Shared& shared, json::object& into) {
  into["user"] = named(sql, workspace, ScopeKind::user, shared.user);
  into["team"] = named(sql, workspace, ScopeKind::team, shared.team);
  into["project"] = named(sql, workspace, ScopeKind::project, shared.project);
  into["label"] = named(sql, workspace, ScopeKind::label, shared.label);
  into["key"] = named(sql, workspace, ScopeKind::key, shared.key);
  json::value task = nullptr;
  if (!shared.task.is_zero())
    task = json::object{{"id", id_json("task", shared.task)}, {"name", shared.task_name}};
  into["task"] = task;
  into["caps"] = caps_of(sql, workspace, shared.accounts);
}

json::array flag_names(std::int64_t flags) {
  json::array names;
  if (flags & store::kEstimated) names.push_back("estimated");
  if (flags & store::kUnconfirmed) names.push_back("unconfirmed");
  if (flags & store::kOverspend) names.push_back("overspend");
  if (flags & store::kReleased) names.push_back("released");
  if (flags & store::kUnpriced) names.push_back("unpriced");
  return names;
}

pricing::Usage usage_of(const store::Row& row, int first) {
  using enum pricing::TokenClass;
  pricing::Usage usage;
  int column = first;
  for (const auto token_class : {input, cached_input, cache_write_5m, cache_write_1h, output,
                                 input_audio, cached_input_audio, output_audio})
    usage[token_class] = row.integer(column++);
  usage.reasoning_tokens = row.integer(column++);
  usage[pricing::Fee::web_search] = row.integer(column++);
  usage.service_tier = row.text(column);
  return usage;
}

// Of a request that has ended.
std::optional<Shared> read_usage(const Call& call, store::Sql& sql, const Id& request,
                                 json::object& into) {
  std::optional<Shared> shared;
  PricedUsage priced;
  const std::string query =
      "SELECT " + std::string(kShared) +
      ", settled_at, hold_nanos, cost_nanos, flags, actual_model, provider_request_id, status, "
      "ending, tool_calls, input_tokens, cached_input_tokens, cache_write_5m_tokens, "
      "cache_write_1h_tokens, output_tokens, input_audio_tokens, cached_input_audio_tokens, "
      "output_audio_tokens, reasoning_tokens, web_searches, service_tier FROM usages WHERE "
      "workspace = ?1 AND request = ?2";
  sql.each(query, {call.workspace(), request}, [&](const store::Row& row) {
    constexpr int k = kSharedCount;
    shared = read_shared(row, into);
    into["state"] = "settled";
    into["settled_at"] = instant_json(row.instant(k));
    into["hold_usd"] = usd_json(row.nanos(k + 1));
    into["flags"] = flag_names(row.integer(k + 3));
    into["actual_model"] = text_or_null(row.text(k + 4));
    into["provider_request_id"] = text_or_null(row.text(k + 5));
    into["status"] = row.integer(k + 6);
    into["ending"] = row.text(k + 7);
    into["tool_calls"] = row.integer(k + 8);
    priced = {std::string(row.text(11)), std::string(row.text(12)), row.instant(0),
              row.nanos(k + 2), usage_of(row, k + 9)};
    priced.is_hold = row.nanos(k + 1) == priced.cost;
  });
  if (!shared) return shared;
  into["reasoning_tokens"] = priced.usage.reasoning_tokens;
  into["service_tier"] = text_or_null(priced.usage.service_tier);
  into["cost"] = cost_json(call.services, priced);
  Nanos adjusted;
  sql.each(
      "SELECT COALESCE(SUM(delta_nanos), 0) FROM adjustments WHERE workspace = ?1 AND request = ?2",
      {call.workspace(), request}, [&](const store::Row& row) { adjusted = row.nanos(0); });
  into["settled_usd"] = usd_json(priced.cost);
  into["adjusted_usd"] = usd_json(adjusted);
  into["cost_usd"] = usd_json(priced.cost + adjusted);
  return shared;
}

// Of one on its way.
std::optional<Shared> read_hold(const Call& call, store::Sql& sql, const Id& request,
                                json::object& into) {
  std::optional<Shared> shared;
  sql.each("SELECT " + std::string(kShared) +
               ", amount_nanos FROM holds WHERE workspace = ?1 AND request = ?2",
           {call.workspace(), request}, [&](const store::Row& row) {
             shared = read_shared(row, into);
             into["state"] = "in_flight";
             into["hold_usd"] = usd_json(row.nanos(kSharedCount));
           });
  return shared;
}

Error unknown_request(const Id& request) {
  return Error{"unknown_request",
               "There is no request " + to_text("req", request) +
                   ". A refused one is kept in memory only, among the last 10,000."};
}

// A refusal is told as JSON that names the user's id.
Result<Reply> show_refusal(const Call& call, store::Sql& sql, const Id& request, Id& owner) {
  const std::string found =
      call.services.find_refusal ? call.services.find_refusal(request) : std::string();
  auto value = embedded_json(found);
  if (!value.is_object()) return unknown_request(request);
  Id user;
  if (const auto* text = value.get_object().if_contains("user_id"); text && text->is_string()) {
    const auto id = parse_id(identity::kUserPrefix, text->get_string());
    if (id) user = *id;
  }
  if (!call.sight(sql).sees_user(sql, call.workspace(), user)) return unknown_request(request);
  owner = user;
  return Reply{json::object{
      {"id", id_json("req", request)}, {"state", "refused"}, {"refusal", std::move(value)}}};
}

// Whoever reads what another's client put into a request leaves that on record first.
Result<void> record_read(Call& call, const Id& request, const Id& owner) {
  if (owner.is_zero() || owner == call.who.user) return {};
  if (!call.reads.is_new(call.who.user, request)) return {};
  auto recorded = call.store().change([&](store::Change& change) -> Result<void> {
    const std::string target =
        identity::scope_target(change.sql(), change.workspace(), {ScopeKind::user, owner});
    change.audit({call.by.actor, "request.read", "request/" + to_text("req", request), "",
                  read_value(target.substr(target.find('/') + 1)), ""});
    return {};
  });
  if (!recorded) call.reads.forget(call.who.user, request);
  return recorded;
}

}  // namespace

Result<Reply> get_request(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto request = parse_id("req", call.params[0]);
  if (!request) return Error{"unknown_request", request.error().message};
  Id owner;
  auto reply = call.read([&](store::Sql& sql) -> Result<Reply> {
    json::object body{{"id", id_json("req", *request)}};
    auto shared = read_usage(call, sql, *request, body);
    if (!shared) shared = read_hold(call, sql, *request, body);
    if (!shared) return show_refusal(call, sql, *request, owner);
    // A use key sees its holder's requests only; whose they are is not told to others.
    const bool may = call.who.key_kind == identity::KeyKind::use
                         ? shared->user == call.who.user
                         : call.sight(sql).sees_user(sql, call.workspace(), shared->user);
    if (!may) return unknown_request(*request);
    owner = shared->user;
    put_names(sql, call.workspace(), *shared, body);
    return Reply{std::move(body)};
  });
  if (!reply) return reply;
  if (auto recorded = record_read(call, *request, owner); !recorded) return recorded.error();
  return reply;
}

}  // namespace purser::api
