// status, usage, explain, estimate, exposure, audit.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cctype>

#include "call_verb.h"
#include "table.h"
#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

std::string text_at(const json::value& value, std::string_view path) {
  return printable(shown(member_at(value, path), Show::text));
}

// Whether any of the cost is of requests whose end a crash hid.
bool has_unconfirmed(const json::value& sums) {
  const std::string amount = text_at(sums, "unconfirmed_usd");
  return !amount.empty() && amount != "0";
}

std::string why_of(const json::value& pause) {
  if (text_at(pause, "why") == "stopped") {
    const std::string reason = text_at(pause, "reason");
    return reason.empty() ? "stopped by an admin" : "stopped by an admin: " + reason;
  }
  const std::string period = text_at(pause, "period");
  return fmt::format("has spent its {}cap of {}", period == "none" ? "" : period + " ",
                     shown(member_at(pause, "limit_usd"), Show::amount));
}

// Who is refused now, by what, and until when; those in the reader's own way first.
std::string pauses_of(const json::value& me) {
  const json::value* pauses = member_at(me, "pauses");
  if (pauses == nullptr || !pauses->is_array() || pauses->as_array().empty()) return {};
  Table table({{"REFUSED NOW"}, {"BECAUSE IT"}, {"UNTIL (UTC)"}, {""}});
  for (const json::value& pause : pauses->as_array()) {
    const bool is_stop = text_at(pause, "why") == "stopped";
    const std::string until = shown(member_at(pause, "until"), Show::time);
    std::string whom = text_at(pause, "scope");
    if (const std::string name = text_at(pause, "name"); !name.empty() && whom != "workspace")
      whom += " " + name;
    table.add({whom, why_of(pause),
               is_stop         ? "an admin resumes it"
               : until.empty() ? "it is raised"
                               : until + ", or it is raised",
               text_at(pause, "own") == "yes" ? "yours too" : ""});
  }
  std::string out = "\n" + table.text();
  if (text_at(me, "more_pauses") == "yes") out += "and more\n";
  return out;
}

// What one request may cost, and which models it may use.
std::string rules_of(const json::value& me) {
  const json::value* rules = member_at(me, "rules");
  if (rules == nullptr || !rules->is_array() || rules->as_array().empty()) return {};
  Table table({{"RULE OF"}, {"ONE REQUEST AT MOST", Align::right}, {"MODELS"}});
  for (const json::value& rule : rules->as_array()) {
    std::string whose = text_at(rule, "scope");
    if (const std::string name = text_at(rule, "name"); !name.empty() && whose != "workspace")
      whose += " " + name;
    table.add({whose, shown(member_at(rule, "max_request_usd"), Show::amount),
               shown(member_at(rule, "models"), Show::list)});
  }
  return "\n" + table.text();
}

std::string print_status(const json::value& me) {
  std::string out = text_at(me, "user.name");
  if (const std::string email = text_at(me, "user.email"); !email.empty()) {
    out += " <" + email + ">";
  }
  if (const std::string team = text_at(me, "team.name"); !team.empty()) out += ", " + team;
  out += fmt::format("; {} key\n\n", text_at(me, "key.kind"));
  Table table({{"CAP"},
               {"PERIOD"},
               {"LIMIT", Align::right},
               {"SPENT", Align::right},
               {"HELD", Align::right},
               {"REMAINING", Align::right},
               {"RESETS (UTC)"},
               {""}});
  const json::value* caps = member_at(me, "caps");
  if (caps != nullptr && caps->is_array()) {
    for (const json::value& cap : caps->as_array()) {
      const auto amount = [&](const char* key) { return shown(member_at(cap, key), Show::amount); };
      const bool is_watch = text_at(cap, "enforcement") == "watch";
      const bool is_paused = text_at(cap, "paused") == "yes";
      table.add({text_at(cap, "scope") + " " + text_at(cap, "name"), text_at(cap, "period"),
                 amount("limit_usd"), amount("spent_usd"), amount("held_usd"),
                 amount("remaining_usd"), shown(member_at(cap, "resets_at"), Show::time),
                 is_watch    ? "watch"
                 : is_paused ? "paused"
                             : ""});
    }
  }
  out += table.empty() ? "no caps\n" : table.text();
  out += pauses_of(me) + rules_of(me);
  if (has_unconfirmed(me)) {
    out += fmt::format("\nof your requests {} USD is unconfirmed: a crash hid what they cost\n",
                       shown(member_at(me, "unconfirmed_usd"), Show::amount));
  }
  return out;
}

// A group is named by what it was grouped by: objects with a name, models and days as they are.
std::string print_usage(const json::value& report) {
  std::vector<std::string> dimensions;
  std::vector<Table::Heading> headings;
  if (const json::value* by = member_at(report, "by"); by != nullptr && by->is_array()) {
    for (const json::value& dimension : by->as_array()) {
      dimensions.push_back(shown(&dimension, Show::text));
      std::string heading = dimensions.back();
      for (char& c : heading) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      headings.push_back({heading});
    }
  }
  for (const char* heading : {"REQUESTS", "INPUT", "CACHED", "OUTPUT", "COST"}) {
    headings.push_back({heading, Align::right});
  }
  const json::value* total = member_at(report, "total");
  const bool with_unconfirmed = total != nullptr && has_unconfirmed(*total);
  if (with_unconfirmed) headings.push_back({"OF IT UNCONFIRMED", Align::right});
  Table table(std::move(headings));
  const auto add = [&](const json::value& group, std::vector<std::string> cells) {
    for (const char* key : {"requests", "input_tokens", "cached_input_tokens", "output_tokens"}) {
      cells.push_back(shown(member_at(group, key), Show::count));
    }
    cells.push_back(shown(member_at(group, "cost_usd"), Show::amount));
    if (with_unconfirmed) cells.push_back(shown(member_at(group, "unconfirmed_usd"), Show::amount));
    table.add(std::move(cells));
  };
  if (const json::value* groups = member_at(report, "groups"); groups && groups->is_array()) {
    for (const json::value& group : groups->as_array()) {
      std::vector<std::string> cells;
      for (const std::string& dimension : dimensions) {
        const json::value* value = member_at(group, dimension);
        const json::value* name = value ? member_at(*value, "name") : nullptr;
        const std::string cell = shown(name ? name : value, Show::text);
        cells.push_back(cell.empty() ? "-" : cell);
      }
      add(group, std::move(cells));
    }
  }
  std::vector<std::string> cells(dimensions.size());
  if (!cells.empty()) cells.front() = "total";
  if (total != nullptr) add(*total, std::move(cells));
  std::string out = fmt::format("{} to {} (UTC)\n", shown(member_at(report, "from"), Show::time),
                                shown(member_at(report, "to"), Show::time));
  out += table.text();
  if (with_unconfirmed) out += "`purser unconfirmed list` names the requests that a crash hid\n";
  if (text_at(report, "truncated") == "yes") out += "there is more: ask for a shorter time\n";
  return out;
}

// The answer has parts that differ by request: an outline shows them all, in the API's order.
void outline(const json::value& value, const std::string& indent, std::string& out) {
  if (const json::object* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      std::string label(key);
      for (char& c : label) {
        if (c == '_') c = ' ';
      }
      const bool is_nested =
          member.is_structured() && !(member.is_array() && member.as_array().empty());
      const bool is_blank = member.is_string() && member.as_string().empty();
      if (is_blank || member.is_null() || (member.is_array() && member.as_array().empty()))
        continue;
      if (is_nested) {
        out += indent + label + ":\n";
        outline(member, indent + "  ", out);
      } else {
        const bool is_amount = std::string_view(key).ends_with("_usd");
        out += fmt::format("{}{}: {}\n", indent, label,
                           printable(shown(&member, is_amount ? Show::amount : Show::count)));
      }
    }
    return;
  }
  if (const json::array* items = value.if_array()) {
    for (const json::value& item : *items) {
      if (item.is_structured()) {
        std::string nested;
        outline(item, indent + "  ", nested);
        // The first line carries the dash.
        if (nested.size() > indent.size()) nested[indent.size()] = '-';
        out += nested;
      } else {
        out += indent + "- " + printable(shown(&item, Show::text)) + "\n";
      }
    }
    return;
  }
  out += indent + printable(shown(&value, Show::text)) + "\n";
}

std::string print_outline(const json::value& value) {
  std::string out;
  outline(value, "", out);
  return out;
}

std::string print_explained(const json::value& request) {
  std::string out = print_outline(request);
  const json::value* flags = member_at(request, "flags");
  if (flags == nullptr || !flags->is_array()) return out;
  for (const json::value& flag : flags->as_array()) {
    if (shown(&flag, Show::text) != "unconfirmed") continue;
    out += fmt::format(
        "\na crash hid what it cost, so it was settled in full; once the provider's "
        "bill tells:\npurser unconfirmed correct {} --cost USD --reason TEXT\n",
        text_at(request, "id"));
  }
  return out;
}

std::string print_exposure(const json::value& exposure) {
  const auto amount = [&](const char* key) {
    return shown(member_at(exposure, key), Show::amount);
  };
  const json::value* unbounded = member_at(exposure, "unbounded");
  const bool is_bounded = !unbounded || !unbounded->is_array() || unbounded->as_array().empty();
  const bool is_exact = text_at(exposure, "exact") == "yes";
  std::string out =
      fmt::format("{}: {} USD ({})\nspent {}, held {}\n", text_at(exposure, "month"),
                  is_bounded ? "at most " + amount("exposure_usd") : "unbounded",
                  is_exact ? "exact" : "an upper bound", amount("spent_usd"), amount("held_usd"));
  Table binding({{"WHAT BINDS"}, {"ALLOWS", Align::right}});
  if (const json::value* all = member_at(exposure, "binding"); all && all->is_array()) {
    for (const json::value& each : all->as_array()) {
      binding.add({text_at(each, "words"), shown(member_at(each, "allowed_usd"), Show::amount)});
    }
  }
  if (!binding.empty()) out += "\n" + binding.text();
  if (is_bounded) return out;
  Table paths({{"UNBOUNDED"}, {"TEAM"}, {"BOUND IT WITH"}});
  for (const json::value& path : unbounded->as_array()) {
    paths.add({text_at(path, "user"), text_at(path, "team"), text_at(path, "command")});
  }
  return out + "\n" + paths.text();
}

void add_reading_verbs(std::vector<Verb>& verbs) {
  verbs.push_back({{"status"},
                   "Say who you are, what is left, and who is refused until when",
                   "GET",
                   "/api/v1/me",
                   {},
                   "",
                   {},
                   "",
                   {},
                   {},
                   print_status});
  verbs.push_back({{"tasks"},
                   "List your tasks",
                   "GET",
                   "/api/v1/me/tasks",
                   with_page({}),
                   "items",
                   {{"TASK", "name"},
                    {"REQUESTS", "requests", Show::count},
                    {"COST", "cost_usd", Show::amount},
                    {"BUDGET", "budget.limit_usd", Show::amount},
                    {"LAST USED (UTC)", "last_used_at", Show::time}},
                   ""});
  verbs.push_back({{"usage"},
                   "Say who consumed what, in this month or from one date to another",
                   "GET",
                   "/api/v1/usage",
                   {in_query("--from", "from", "from this date or instant on"),
                    in_query("--to", "to", "up to this date or instant"),
                    in_query("--by", "by",
                             "user, team, project, model, key, label, membership, day; several "
                             "with commas (user)"),
                    in_query("--user", "user", "only of this user"),
                    in_query("--team", "team", "only of this team"),
                    in_query("--project", "project", "only of this project"),
                    in_query("--model", "model", "only of this model: openai/gpt-5"),
                    in_query("--label", "label", "only of this label")},
                   "",
                   {},
                   "",
                   [](const Given& given, Draft& draft) -> Result<void> {
                     if (!given.has("by")) draft.call.query.emplace_back("by", "user");
                     return {};
                   },
                   {},
                   print_usage});
  verbs.push_back({{"explain"},
                   "Show how a request's cost came about, or why it was refused",
                   "GET",
                   "/api/v1/requests/{request}",
                   {in_path("ID", "request", "x-purser-request-id: req_…")},
                   "",
                   {},
                   "",
                   {},
                   {},
                   print_explained});
}

void add_unconfirmed_verbs(std::vector<Verb>& verbs) {
  verbs.push_back({{"unconfirmed", "list"},
                   "List the requests whose end a crash hid, settled in full",
                   "GET",
                   "/api/v1/unconfirmed",
                   with_page({}),
                   "items",
                   {{"REQUEST", "request"},
                    {"AT (UTC)", "reserved_at", Show::time},
                    {"USER", "user.name"},
                    {"TEAM", "team.name"},
                    {"MODEL", "model"},
                    {"COST", "cost_usd", Show::amount}},
                   ""});
  verbs.push_back(
      {{"unconfirmed", "correct"},
       "Book what a request turned out to cost; it is unconfirmed no longer",
       "POST",
       "/api/v1/requests/{request}/correct",
       {in_path("REQUEST", "request", "its id: req_…"),
        required(in_body("--cost", "cost_usd", "by the provider's bill, in USD", Kind::amount)),
        reason_in_body()},
       "",
       {},
       "{request} cost {cost_usd} USD"});
}

// POST /api/v1/estimate takes the request with the path that it would go to.
Result<void> prepare_estimate(const Given& given, Draft& draft) {
  json::error_code problem;
  json::value request = json::parse(draft.call.body, problem);
  if (problem || !request.is_object()) {
    return Error{"bad_json", fmt::format("\"{}\" does not hold a JSON object; give it the body of "
                                         "a provider's request",
                                         given.one("file"))};
  }
  std::string path = given.one("path");
  if (path.empty()) {
    const json::object& body = request.as_object();
    const bool is_claude = body.contains("model") && body.at("model").is_string() &&
                           body.at("model").as_string().find("claude") != json::string::npos;
    path = is_claude                   ? "/v1/messages"
           : body.contains("messages") ? "/v1/chat/completions"
                                       : "/v1/responses";
  }
  draft.body = json::object{{"path", path}, {"request", std::move(request)}};
  return {};
}

}  // namespace

std::vector<Verb> request_verbs() {
  std::vector<Verb> verbs;
  add_reading_verbs(verbs);
  add_unconfirmed_verbs(verbs);
  verbs.push_back({{"estimate"},
                   "Say what a request would cost at most, and whether it would pass",
                   "POST",
                   "/api/v1/estimate",
                   {{"FILE", "file", "a provider's request as JSON; - for standard input",
                     Where::file, Kind::text, true},
                    own("--path", "path", "where it would go (default: told from the request)")},
                   "",
                   {},
                   "",
                   prepare_estimate,
                   {},
                   print_outline});
  verbs.push_back({{"exposure"},
                   "Say the worst-case bill of a month: the most that the hard caps allow",
                   "GET",
                   "/api/v1/exposure",
                   {in_query("--month", "month", "such as 2026-12 (default: this month)")},
                   "",
                   {},
                   "",
                   {},
                   {},
                   print_exposure});
  return verbs;
}

}  // namespace purser::main
