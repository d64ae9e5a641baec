// project, label, key, template.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "call_verb.h"
#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

const std::vector<Column> kProjectColumns{
    {"NAME", "name"}, {"TEAMS", "teams", Show::list}, {"ID", "id"}};
const std::vector<Column> kKeyColumns{{"KEY", "hint"},
                                      {"KIND", "kind"},
                                      {"NAME", "name"},
                                      {"USER", "user"},
                                      {"TEAM", "team"},
                                      {"MADE", "created_at", Show::time},
                                      {"REVOKED", "revoked_at", Show::time},
                                      {"ID", "id"}};
const std::vector<Column> kTemplateColumns{
    {"NAME", "name"}, {"CAPS", "caps", Show::list}, {"DEFAULT FOR", "default_for"}, {"ID", "id"}};

void add_project_verbs(std::vector<Verb>& verbs) {
  const Parameter project = in_path("PROJECT", "project", "the project's name");
  verbs.push_back(
      {{"project", "add"},
       "Make a project, for the teams that may book on it",
       "POST",
       "/api/v1/projects",
       {required(in_body("NAME", "name", "its name")),
        in_body("--team", "teams", "a team that may book on it; several with commas", Kind::list),
        reason_in_body()},
       "",
       kProjectColumns,
       ""});
  verbs.push_back({{"project", "list"},
                   "List projects",
                   "GET",
                   "/api/v1/projects",
                   {},
                   "items",
                   kProjectColumns,
                   ""});
  verbs.push_back(
      {{"project", "set"},
       "Change its name or its teams",
       "PATCH",
       "/api/v1/projects/{project}",
       {project, in_body("--name", "name", "another name"),
        in_body("--team", "teams", "all teams that may book on it, with commas", Kind::list),
        reason_in_body()},
       "",
       kProjectColumns,
       ""});
  verbs.push_back({{"project", "end"},
                   "End a project: its caps end with it",
                   "DELETE",
                   "/api/v1/projects/{project}",
                   {project, reason_in_query()},
                   "",
                   {},
                   "{project} has ended"});

  const std::vector<Column> label_columns{{"NAME", "name"}, {"ID", "id"}};
  verbs.push_back({{"label", "add"},
                   "Register a kind of task, such as support-automation",
                   "POST",
                   "/api/v1/labels",
                   {required(in_body("NAME", "name", "its name")), reason_in_body()},
                   "",
                   label_columns,
                   ""});
  verbs.push_back(
      {{"label", "list"}, "List labels", "GET", "/api/v1/labels", {}, "items", label_columns, ""});
  verbs.push_back({{"label", "end"},
                   "End a label: its caps end with it",
                   "DELETE",
                   "/api/v1/labels/{label}",
                   {in_path("LABEL", "label", "its name"), reason_in_query()},
                   "",
                   {},
                   "{label} has ended"});
}

// Either form names the holder, so neither is required by itself.
Result<void> prepare_new_key(const Given& given, Draft& draft) {
  if (!given.has("user")) return Error{"no_user", "say whose key: key create EMAIL"};
  draft.body.as_object()["kind"] = given.has("kind") ? "manage" : "use";
  return {};
}

// What a flag alone cannot say in the body: false, and null for "no longer".
Result<void> prepare_key_settings(const Given& given, Draft& draft) {
  if (given.has("comment") && given.has("no-comment")) {
    return Error{"two_ways", "give --cost-comment or --no-cost-comment, not both"};
  }
  if (given.has("refusal_status") && given.has("no-refusal-status")) {
    return Error{"two_ways", "give --refusal-status or --no-refusal-status, not both"};
  }
  if (draft.body.is_null()) draft.body = json::object();
  json::object& body = draft.body.as_object();
  if (given.has("comment") || given.has("no-comment"))
    body["cost_comment_in_streams"] = given.has("comment");
  if (given.has("no-refusal-status")) body["refusal_status"] = nullptr;
  return {};
}

void add_key_verbs(std::vector<Verb>& verbs) {
  verbs.push_back(
      {{"key", "create"},
       "Make a key; its text is shown once",
       "POST",
       "/api/v1/keys",
       {in_body("--user,EMAIL", "user", "whose key: give one of EMAIL and --user"),
        in_body("--team", "team", "the team it pays under (default: the only one)"),
        in_body("--manage", "kind", "for this command and the REST API, not for AI", Kind::flag),
        in_body("--name", "name", "what it is for"),
        in_body("--project", "default_project", "the project its requests are booked on"),
        in_body("--label", "default_label", "the label its requests carry"), reason_in_body()},
       "",
       {{"KEY", "key"}, {"ID", "id"}, {"KIND", "kind"}, {"NAME", "name"}},
       "",
       prepare_new_key});
  verbs.push_back({{"key", "list"},
                   "List keys",
                   "GET",
                   "/api/v1/keys",
                   with_page({in_query("--user", "user", "only of this user"),
                              in_query("--revoked", "revoked", "revoked ones too", Kind::flag)}),
                   "items",
                   kKeyColumns,
                   ""});
  verbs.push_back(
      {{"key", "set"},
       "Change a key's name, defaults or form of refusal",
       "PATCH",
       "/api/v1/keys/{key}",
       {in_path("KEY", "key", "its id, from key list"), in_body("--name", "name", "another name"),
        in_body("--project", "default_project", "the project its requests are booked on"),
        in_body("--label", "default_label", "the label its requests carry"),
        in_body("--refusal-status", "refusal_status", "400, 402, 403 or 429, whatever the client",
                Kind::integer),
        own("--no-refusal-status", "no-refusal-status", "the status as the client takes it best",
            Kind::flag),
        own("--cost-comment", "comment", "streams end with a comment that says the cost",
            Kind::flag),
        own("--no-cost-comment", "no-comment", "streams without that comment", Kind::flag),
        reason_in_body()},
       "",
       kKeyColumns,
       "",
       prepare_key_settings});
  verbs.push_back({{"key", "revoke"},
                   "Revoke a key, for good; it is refused from the next request on",
                   "POST",
                   "/api/v1/keys/{key}/revoke",
                   {in_path("KEY", "key", "its id, from key list"), reason_in_body()},
                   "",
                   {},
                   "{key} is revoked"});
}

bool is_of(const json::value& cap, const std::string& period) {
  return shown(member_at(cap, "period"), Show::text) == period;
}

// The API takes all caps of a template: those that are not named here stay as they are.
Result<void> find_template_caps(const Given& given, const Fetch& fetch, Draft& draft) {
  const std::vector<std::string> ended = given.all("end");
  const json::value* set = draft.body.if_object() ? member_at(draft.body, "caps") : nullptr;
  if (set == nullptr && ended.empty()) return {};
  const Result<json::value> found =
      fetch({"GET", "/api/v1/templates/" + percent_encode(given.one("template")), {}, ""});
  if (!found) return found.error();
  json::array caps;
  if (set != nullptr) caps = set->as_array();
  const json::array replaced = caps;
  const json::value* there = member_at(*found, "caps");
  PURSER_ASSERT(there != nullptr && there->is_array());
  for (const std::string& period : ended) {
    if (std::ranges::any_of(there->as_array(),
                            [&](const json::value& cap) { return is_of(cap, period); }))
      continue;
    return Error{"no_cap", fmt::format("the template has no cap for each {} to end; it has: {}",
                                       period, shown(there, Show::list))};
  }
  for (const json::value& cap : there->as_array()) {
    const std::string period = shown(member_at(cap, "period"), Show::text);
    const std::string enforcement = shown(member_at(cap, "enforcement"), Show::text);
    const bool is_replaced =
        enforcement == "hard" &&
        std::ranges::any_of(replaced, [&](const json::value& one) { return is_of(one, period); });
    if (is_replaced || std::ranges::find(ended, period) != ended.end()) continue;
    caps.push_back(json::object{{"period", period},
                                {"enforcement", enforcement},
                                {"limit_usd", shown(member_at(cap, "limit_usd"), Show::text)}});
  }
  if (draft.body.is_null()) draft.body = json::object();
  draft.body.as_object()["caps"] = std::move(caps);
  draft.call.body = json::serialize(draft.body);
  return {};
}

Result<void> prepare_template(const Given& given, Draft& draft) {
  for (const std::string& period : given.all("end")) {
    if (!given.has(period)) continue;
    return Error{"two_ways", fmt::format("give --{0} or --end {0}, not both", period)};
  }
  return put_limits(given, draft);
}

void add_template_verbs(std::vector<Verb>& verbs) {
  const Parameter which = in_path("TEMPLATE", "template", "its name");
  const Parameter default_for =
      in_body("--default-for", "default_for", "person or service: given to new ones");
  verbs.push_back(
      {{"template", "add"},
       "Make a named set of caps: template add engineer --month 150",
       "POST",
       "/api/v1/templates",
       with_limits({required(in_body("NAME", "name", "its name")), default_for, reason_in_body()}),
       "",
       kTemplateColumns,
       "",
       put_limits});
  verbs.push_back({{"template", "list"},
                   "List templates",
                   "GET",
                   "/api/v1/templates",
                   {},
                   "items",
                   kTemplateColumns,
                   ""});
  verbs.push_back(
      {{"template", "set"},
       "Change a template, and every cap that still carries it; periods not given stay",
       "PATCH",
       "/api/v1/templates/{template}",
       with_limits(
           {which, in_body("--name", "name", "another name"), default_for,
            own("--end", "end", "end its cap of this period: day; several with commas", Kind::list),
            reason_in_body()}),
       "",
       kTemplateColumns,
       "",
       prepare_template,
       find_template_caps});
  verbs.push_back({{"template", "give"},
                   "Give a user the caps of a template",
                   "PUT",
                   "/api/v1/users/{user}/template",
                   {required(in_body("TEMPLATE", "template", "its name")),
                    in_path("EMAIL", "user", "the user"), reason_in_body()},
                   "",
                   {},
                   "{user} has the caps of {template}"});
  verbs.push_back({{"template", "end"},
                   "End a template; the caps that carry it stay",
                   "DELETE",
                   "/api/v1/templates/{template}",
                   {which, reason_in_query()},
                   "",
                   {},
                   "{template} has ended"});
}

}  // namespace

std::vector<Verb> key_verbs() {
  std::vector<Verb> verbs;
  add_project_verbs(verbs);
  add_key_verbs(verbs);
  add_template_verbs(verbs);
  return verbs;
}

}  // namespace purser::main
