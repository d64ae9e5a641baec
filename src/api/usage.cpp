#include <algorithm>
#include <map>

#include "handlers.h"
#include "purser/identity/names.h"
#include "scopes.h"
#include "times.h"
#include "unconfirmed.h"

namespace purser::api {
namespace {

using ledger::ScopeKind;

constexpr std::size_t kMaxDays = 400;
constexpr std::size_t kMaxGroups = 10'000;
constexpr Duration kBucket = std::chrono::minutes(15);

// What a report can be grouped by. `column` of rollups; `kind` where it holds an id.
struct Dimension {
  std::string_view name;
  std::string_view column;
  std::optional<ScopeKind> kind;
};
constexpr Dimension kDimensions[] = {{"user", "user", ScopeKind::user},
                                     {"team", "team", ScopeKind::team},
                                     {"project", "project", ScopeKind::project},
                                     {"key", "key", ScopeKind::key},
                                     {"label", "label", ScopeKind::label},
                                     {"membership", "membership", ScopeKind::membership},
                                     {"model", "model", std::nullopt}};

// The sums, in the order of the columns below.
constexpr std::string_view kSums[] = {"requests",
                                      "cost_nanos",
                                      "input_tokens",
                                      "cached_input_tokens",
                                      "cache_write_5m_tokens",
                                      "cache_write_1h_tokens",
                                      "output_tokens",
                                      "input_audio_tokens",
                                      "cached_input_audio_tokens",
                                      "output_audio_tokens",
                                      "reasoning_tokens",
                                      "web_searches",
                                      "tool_calls"};

// A WHERE clause with what it compares; the values live here, since parameters only point.
struct Where {
  std::string text = "workspace = ?1 AND bucket >= ?2 AND bucket < ?3";
  std::vector<Id> ids;
  std::vector<std::string> texts;
  struct Use {
    bool is_id;
    std::size_t index;
  };
  std::vector<Use> uses;

  std::string next() const { return "?" + std::to_string(4 + uses.size()); }
  void add_id(std::string_view column, const Id& id) {
    text += " AND " + std::string(column) + " = " + next();
    uses.push_back({true, ids.size()});
    ids.push_back(id);
  }
  void add_text(std::string_view column, const std::string& value) {
    text += " AND " + std::string(column) + " = " + next();
    uses.push_back({false, texts.size()});
    texts.push_back(value);
  }
  void add_any(std::string_view column, const std::vector<Id>& any) {
    text += " AND " + std::string(column) + " IN (";
    for (std::size_t i = 0; i < any.size(); ++i) {
      text += (i == 0 ? "" : ", ") + next();
      uses.push_back({true, ids.size()});
      ids.push_back(any[i]);
    }
    text += ")";
  }
  // The same over the usages that are `unconfirmed`, by the same parameters.
  std::string over_unconfirmed() const {
    constexpr std::string_view kWindow = "bucket >= ?2 AND bucket < ?3";
    std::string out = text;
    out.replace(out.find(kWindow), kWindow.size(), "reserved_at >= ?2 AND reserved_at < ?3");
    return out + " AND " + kIsUnconfirmed;
  }
  std::vector<store::Param> params(const Id& workspace, const Cycle& window) const {
    std::vector<store::Param> out = {workspace, window.start, window.end};
    for (const auto& use : uses) {
      if (use.is_id)
        out.emplace_back(ids[use.index]);
      else
        out.emplace_back(texts[use.index]);
    }
    return out;
  }
};

std::string sums_sql() {
  std::string out;
  for (const auto sum : kSums)
    out += (out.empty() ? "" : ", ") + ("COALESCE(SUM(" + std::string(sum) + "), 0)");
  return out;
}

// `first`: the column of `requests`.
void put_sums(json::object& into, const store::Row& row, int first) {
  int column = first;
  for (const auto sum : kSums) {
    if (sum == "cost_nanos")
      into["cost_usd"] = usd_json(row.nanos(column++));
    else
      into[sum] = row.integer(column++);
  }
}

struct Report {
  const Call& call;
  std::vector<const Dimension*> by;
  bool by_day = false;
  Cycle window;
  Where where;

  std::string columns() const {
    std::string out;
    for (const auto* dimension : by) out += std::string(dimension->column) + ", ";
    return out;
  }

  // What tells one group of a window from another.
  using GroupKey = std::vector<std::string>;
  GroupKey key_of(const store::Row& row) const {
    GroupKey key;
    for (std::size_t i = 0; i < by.size(); ++i) {
      const int column = static_cast<int>(i);
      key.push_back(by[i]->kind ? to_text("", row.id(column)) : std::string(row.text(column)));
    }
    return key;
  }

  // Of each group that has any.
  std::map<GroupKey, Nanos> unconfirmed(store::Sql& sql, const Cycle& part) const {
    std::map<GroupKey, Nanos> found;
    std::string query = "SELECT " + columns() + "COALESCE(SUM(cost_nanos), 0) FROM usages WHERE " +
                        where.over_unconfirmed();
    if (!by.empty()) query += " GROUP BY " + columns().substr(0, columns().size() - 2);
    sql.each(query, where.params(call.workspace(), part), [&](const store::Row& row) {
      found[key_of(row)] = row.nanos(static_cast<int>(by.size()));
    });
    return found;
  }

  // The groups of one window, the dearest first.
  void add_groups(store::Sql& sql, const Cycle& part, const json::value& day, json::array& groups,
                  bool& truncated) const {
    const auto unconfirmed_costs = unconfirmed(sql, part);
    std::string query = "SELECT " + columns() + sums_sql() + " FROM rollups WHERE " + where.text;
    if (!by.empty()) query += " GROUP BY " + columns().substr(0, columns().size() - 2);
    query += " HAVING SUM(requests) > 0 ORDER BY SUM(cost_nanos) DESC LIMIT " +
             std::to_string(kMaxGroups + 1 - groups.size());
    struct Names {
      std::size_t group;
      const Dimension* dimension;
      Id id;
    };
    std::vector<Names> names;
    sql.each(query, where.params(call.workspace(), part), [&](const store::Row& row) {
      if (groups.size() == kMaxGroups) {
        truncated = true;
        return;
      }
      json::object group;
      if (by_day) group["day"] = day;
      for (std::size_t i = 0; i < by.size(); ++i) {
        const int column = static_cast<int>(i);
        if (!by[i]->kind) {
          group[by[i]->name] = row.text(column);
          continue;
        }
        group[by[i]->name] = nullptr;
        if (const Id id = row.id(column); !id.is_zero())
          names.push_back({groups.size(), by[i], id});
      }
      put_sums(group, row, static_cast<int>(by.size()));
      const auto hidden = unconfirmed_costs.find(key_of(row));
      group["unconfirmed_usd"] =
          usd_json(hidden == unconfirmed_costs.end() ? Nanos{} : hidden->second);
      groups.push_back(std::move(group));
    });
    for (const auto& name : names) {
      groups[name.group].get_object()[name.dimension->name] = json::object{
          {"id", id_json(prefix_of(*name.dimension->kind), name.id)},
          {"name", scope_name(sql, call.workspace(), {*name.dimension->kind, name.id})}};
    }
  }

  Result<Reply> answer(store::Sql& sql) const {
    json::array groups;
    bool truncated = false;
    if (by_day) {
      const auto calendar = call.store().calendar();
      std::size_t days = 0;
      for (Cycle day = calendar->cycle_containing(Period::day, window.start);
           day.start < window.end && !truncated;
           day = calendar->cycle_after(Period::day, day.end)) {
        if (++days > kMaxDays)
          return Error{"too_long", "A report by day covers at most 400 days: ask for fewer."};
        const Cycle part{std::max(day.start, window.start), std::min(day.end, window.end)};
        add_groups(sql, part, json::string(calendar->local_date(day.start)), groups, truncated);
      }
    } else {
      add_groups(sql, window, nullptr, groups, truncated);
    }
    json::object total;
    sql.each("SELECT " + sums_sql() + " FROM rollups WHERE " + where.text,
             where.params(call.workspace(), window),
             [&](const store::Row& row) { put_sums(total, row, 0); });
    sql.each("SELECT COALESCE(SUM(cost_nanos), 0) FROM usages WHERE " + where.over_unconfirmed(),
             where.params(call.workspace(), window),
             [&](const store::Row& row) { total["unconfirmed_usd"] = usd_json(row.nanos(0)); });
    json::array names;
    for (const auto* dimension : by) names.push_back(json::string(dimension->name));
    if (by_day) names.push_back("day");
    return Reply{json::object{{"from", instant_json(window.start)},
                              {"to", instant_json(window.end)},
                              {"by", std::move(names)},
                              {"groups", std::move(groups)},
                              {"total", std::move(total)},
                              {"truncated", truncated}}};
  }
};

Result<void> parse_by(std::string_view text, Report& report) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto name = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto* found = std::find_if(std::begin(kDimensions), std::end(kDimensions),
                                     [&](const Dimension& one) { return one.name == name; });
    if (name == "day") {
      report.by_day = true;
    } else if (found == std::end(kDimensions)) {
      return Error{"bad_query",
                   "\"by\" is a list of user, team, project, model, key, label, membership, day."};
    } else if (std::find(report.by.begin(), report.by.end(), found) == report.by.end()) {
      report.by.push_back(found);
    }
  }
  return {};
}

Instant next_bucket(Instant instant) {
  const Instant start = rollup_bucket(instant);
  return start == instant ? start : start + kBucket;
}

Result<Cycle> parse_window(const Call& call, const std::string& from, const std::string& to) {
  const auto calendar = call.store().calendar();
  Cycle window = calendar->cycle_containing(Period::month, call.store().ledger_now());
  if (!from.empty()) {
    const auto start = parse_time(from, *calendar);
    if (!start) return start.error();
    window.start = rollup_bucket(*start);
  }
  if (!to.empty()) {
    const auto end = parse_time(to, *calendar);
    if (!end) return end.error();
    window.end = next_bucket(*end);
  }
  if (window.start >= window.end) return Error{"bad_time", "\"from\" must lie before \"to\"."};
  return window;
}

// What the caller may not see is left out: a lead sees their teams, a member themselves.
void add_sight(Where& where, const Sight& sight) {
  if (sight.everything) return;
  if (sight.teams_led.empty())
    where.add_id("user", sight.user);
  else
    where.add_any("team", sight.teams_led);
}

}  // namespace

Result<Reply> get_usage(Call& call) {
  Report report{call, {}, false, {}, {}};
  const std::string by = call.query.text("by");
  const std::string from = call.query.text("from");
  const std::string to = call.query.text("to");
  std::map<std::string_view, std::string> filters;
  for (const auto& dimension : kDimensions) {
    auto value = call.query.text(dimension.name);
    if (!value.empty()) filters.emplace(dimension.name, std::move(value));
  }
  if (auto query = call.query.finish(); !query) return query.error();
  if (auto parsed = parse_by(by, report); !parsed) return parsed.error();
  const auto window = parse_window(call, from, to);
  if (!window) return window.error();
  report.window = *window;
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    for (const auto& dimension : kDimensions) {
      const auto filter = filters.find(dimension.name);
      if (filter == filters.end()) continue;
      if (!dimension.kind) {
        report.where.add_text(dimension.column, filter->second);
        continue;
      }
      const auto scope = find_scope(sql, call.workspace(), dimension.name, filter->second);
      if (!scope) return scope.error();
      report.where.add_id(dimension.column, scope->id);
    }
    add_sight(report.where, call.sight(sql));
    return report.answer(sql);
  });
}

}  // namespace purser::api
