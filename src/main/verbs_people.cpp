// user, team, membership.
#include <boost/json.hpp>

#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

const std::vector<Column> kUserColumns{{"NAME", "name"},
                                       {"E-MAIL", "email"},
                                       {"KIND", "kind"},
                                       {"ROLE", "role"},
                                       {"TEAMS", "teams", Show::list},
                                       {"ACTIVE", "active", Show::yes},
                                       {"ID", "id"}};
const std::vector<Column> kTeamColumns{{"NAME", "name"}, {"ID", "id"}};
const std::vector<Column> kMembershipColumns{
    {"TEAM", "team_name"}, {"USER", "user_name"}, {"LEAD", "lead", Show::yes}, {"ID", "id"}};
Result<void> prepare_user(const Given& given, Draft& draft) {
  if (given.has("email") == given.has("service")) {
    return Error{"bad_user", "give a person's e-mail address, or --service NAME"};
  }
  if (draft.body.is_null()) draft.body = json::object();
  json::object& body = draft.body.as_object();
  if (given.has("service")) {
    body["kind"] = "service";
    body["name"] = given.one("service");
    body["owner_team"] = given.one("teams");
  } else if (!given.has("name")) {
    const std::string email = given.one("email");
    body["name"] = email.substr(0, email.find('@'));
  }
  return put_limits(given, draft);
}

void add_user_verbs(std::vector<Verb>& verbs) {
  verbs.push_back(
      {{"user", "add"},
       "Add a person, or a service account, with a cap from the start",
       "POST",
       "/api/v1/users",
       with_limits({in_body("EMAIL", "email", "a person's e-mail address"),
                    in_body("--name", "name", "the name (default: from the e-mail)"),
                    in_body("--team", "teams", "the team; several with commas", Kind::list),
                    in_body("--template", "template", "whose caps to give"),
                    in_body("--role", "role", "member, finance or admin"),
                    own("--service", "service", "a service account of this name; --team owns it"),
                    in_body("--alerts-to", "alerts_to",
                            "of a service account: the person who gets its alerts"),
                    reason_in_body()}),
       "",
       kUserColumns,
       "",
       prepare_user});
  verbs.push_back(
      {{"user", "list"},
       "List people and service accounts",
       "GET",
       "/api/v1/users",
       with_page({in_query("--team", "team", "only members of this team"),
                  in_query("--active", "active", "without those deactivated", Kind::flag)}),
       "items",
       kUserColumns,
       ""});
  verbs.push_back({{"user", "show"},
                   "Show one",
                   "GET",
                   "/api/v1/users/{user}",
                   {in_path("EMAIL", "user", "e-mail, or a service account's name")},
                   "",
                   kUserColumns,
                   ""});
  verbs.push_back({{"user", "set"},
                   "Change a name, an e-mail address or a role",
                   "PATCH",
                   "/api/v1/users/{user}",
                   {in_path("EMAIL", "user", "e-mail, or a service account's name"),
                    in_body("--name", "name", "another name"),
                    in_body("--email", "email", "another e-mail address"),
                    in_body("--role", "role", "member, finance or admin"),
                    in_body("--alerts-to", "alerts_to", "of a service account: who gets alerts"),
                    reason_in_body()},
                   "",
                   kUserColumns,
                   ""});
  verbs.push_back(
      {{"user", "remove"},
       "Deactivate: the keys stop at once; usage and history stay",
       "POST",
       "/api/v1/users/{user}/deactivate",
       {in_path("EMAIL", "user", "e-mail, or a service account's name"), reason_in_body()},
       "",
       {},
       "{user} is deactivated; `purser user restore {user}` undoes it"});
  verbs.push_back(
      {{"user", "restore"},
       "Take a deactivation back",
       "POST",
       "/api/v1/users/{user}/reactivate",
       {in_path("EMAIL", "user", "e-mail, or a service account's name"), reason_in_body()},
       "",
       {},
       "{user} is active again"});
  verbs.push_back({{"sign-in-secret"},
                   "Make a one-time link with which a person sets a password and signs in",
                   "POST",
                   "/api/v1/users/{user}/sign-in-secret",
                   {in_path("EMAIL", "user", "whose"), reason_in_body()},
                   "",
                   {{"LINK (GOOD ONCE)", "link"}, {"UNTIL", "expires_at", Show::time}},
                   ""});
}

Result<void> prepare_lead(const Given& given, Draft& draft) {
  if (given.has("lead") == given.has("no-lead")) {
    return Error{"bad_lead", "give --lead or --no-lead"};
  }
  if (draft.body.is_null()) draft.body = json::object();
  draft.body.as_object()["lead"] = given.has("lead");
  return {};
}

void add_team_verbs(std::vector<Verb>& verbs) {
  const Parameter team = in_path("TEAM", "team", "the team's name");
  verbs.push_back({{"team", "add"},
                   "Make a team",
                   "POST",
                   "/api/v1/teams",
                   {required(in_body("NAME", "name", "its name")), reason_in_body()},
                   "",
                   kTeamColumns,
                   ""});
  verbs.push_back(
      {{"team", "list"}, "List teams", "GET", "/api/v1/teams", {}, "items", kTeamColumns, ""});
  verbs.push_back({{"team", "rename"},
                   "Give a team another name",
                   "PATCH",
                   "/api/v1/teams/{team}",
                   {team, required(in_body("NAME", "name", "the new name")), reason_in_body()},
                   "",
                   kTeamColumns,
                   ""});
  verbs.push_back({{"team", "end"},
                   "End a team: its memberships, keys and caps end with it",
                   "DELETE",
                   "/api/v1/teams/{team}",
                   {team, reason_in_query()},
                   "",
                   {},
                   "{team} has ended"});

  const Parameter membership = in_path("MEMBERSHIP", "membership", "its id, from membership list");
  verbs.push_back({{"membership", "add"},
                   "Put a user into a team",
                   "POST",
                   "/api/v1/memberships",
                   {required(in_body("EMAIL", "user", "the user")),
                    required(in_body("--team", "team", "the team")),
                    in_body("--lead", "lead", "as its lead", Kind::flag), reason_in_body()},
                   "",
                   kMembershipColumns,
                   ""});
  verbs.push_back(
      {{"membership", "list"},
       "List who is in a team, or a user's teams",
       "GET",
       "/api/v1/memberships",
       {in_query("--team", "team", "of this team"), in_query("--user", "user", "of this user")},
       "items",
       kMembershipColumns,
       ""});
  verbs.push_back({{"membership", "set"},
                   "Make a member lead of the team, or no longer",
                   "PATCH",
                   "/api/v1/memberships/{membership}",
                   {membership, own("--lead", "lead", "the team's lead", Kind::flag),
                    own("--no-lead", "no-lead", "a plain member", Kind::flag), reason_in_body()},
                   "",
                   kMembershipColumns,
                   "",
                   prepare_lead});
  verbs.push_back({{"membership", "remove"},
                   "Take a user out of a team; the keys that pay under it end",
                   "DELETE",
                   "/api/v1/memberships/{membership}",
                   {membership, reason_in_query()},
                   "",
                   {},
                   "{membership} has ended"});
}

}  // namespace

std::vector<Verb> people_verbs() {
  std::vector<Verb> verbs;
  add_user_verbs(verbs);
  add_team_verbs(verbs);
  return verbs;
}

}  // namespace purser::main
