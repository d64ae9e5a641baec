// The verb tables: what each makes of its command line, and of its answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "call_verb.h"

namespace purser::main {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

std::string words_of(const Verb& verb) {
  std::string words;
  for (const std::string& word : verb.words) words += (words.empty() ? "" : " ") + word;
  return words;
}

const Verb& verb_named(std::string_view words) {
  static const std::vector<Verb> kVerbs = all_verbs();
  for (const Verb& verb : kVerbs) {
    if (words_of(verb) == words) return verb;
  }
  throw std::out_of_range("no verb " + std::string(words));
}

Given given(std::initializer_list<std::pair<const char*, const char*>> values) {
  Given made;
  for (const auto& [key, value] : values) made.set(key, {value});
  return made;
}

// "PUT /api/v1/caps?a=b {…}"
std::string call_of(std::string_view words, const Given& values) {
  const Result<Draft> draft = make_call(verb_named(words), values);
  if (!draft) return draft.error().code + ": " + draft.error().message;
  std::string text = draft->call.method + " " + draft->call.path;
  char separator = '?';
  for (const auto& [key, value] : draft->call.query) {
    text += separator + key + "=" + value;
    separator = '&';
  }
  return draft->call.body.empty() ? text : text + " " + draft->call.body;
}

TEST(Verbs, AreToldApartByTheirWords) {
  std::set<std::string> seen;
  for (const Verb& verb : all_verbs()) {
    EXPECT_TRUE(seen.insert(words_of(verb)).second) << words_of(verb);
    EXPECT_FALSE(verb.help.empty()) << words_of(verb);
    std::set<std::string> keys;
    for (const Parameter& parameter : verb.parameters) {
      EXPECT_TRUE(keys.insert(parameter.key).second) << words_of(verb) << " " << parameter.key;
    }
  }
}

TEST(Verbs, FillEveryPlaceOfTheirPath) {
  for (const Verb& verb : all_verbs()) {
    std::string path = verb.path;
    for (const Parameter& parameter : verb.parameters) {
      if (parameter.where != Where::path) continue;
      EXPECT_THAT(path, HasSubstr("{" + parameter.key + "}")) << words_of(verb);
      path.replace(path.find("{" + parameter.key + "}"), parameter.key.size() + 2, "x");
    }
    // What is left over is looked up. (A verb may look up more than its path's places.)
    EXPECT_TRUE(path.find('{') == std::string::npos || verb.find != nullptr) << words_of(verb);
  }
}

TEST(Verbs, CapSetNamesScopePeriodAndLimit) {
  EXPECT_EQ(call_of("cap set", given({{"scope.team", "engineering"}, {"month", "5000"}})),
            R"(PUT /api/v1/caps {"scope":"team","name":"engineering","period":"month",)"
            R"("limit_usd":"5000","enforcement":"hard"})");
  EXPECT_EQ(call_of("cap set", given({{"scope.workspace", "true"},
                                      {"day", "12.50"},
                                      {"watch", "true"},
                                      {"reason", "a try"}})),
            R"(PUT /api/v1/caps {"reason":"a try","scope":"workspace","period":"day",)"
            R"("limit_usd":"12.5","enforcement":"watch"})");
}

TEST(Verbs, WhatIsMissingOrDoubleIsRefusedBeforeAnythingIsSent) {
  EXPECT_THAT(call_of("cap set", given({{"month", "5"}})), HasSubstr("no_scope: say for whom"));
  EXPECT_THAT(call_of("cap set", given({{"scope.team", "a"}})), HasSubstr("no_period"));
  EXPECT_THAT(call_of("cap set", given({{"scope.team", "a"}, {"scope.user", "b"}, {"day", "1"}})),
              HasSubstr("two_scopes"));
  EXPECT_THAT(call_of("cap set", given({{"scope.team", "a"}, {"day", "1"}, {"month", "2"}})),
              HasSubstr("two_periods"));
  for (const char* amount : {"-5", "1e3", "5,000", "1.0000000001", ""}) {
    EXPECT_THAT(call_of("cap set", given({{"scope.team", "a"}, {"month", amount}})),
                HasSubstr("bad_amount"))
        << amount;
  }
}

TEST(Verbs, PeopleAreNamedByEMail) {
  EXPECT_EQ(call_of("user show", given({{"user", "ana+x@example.com"}})),
            "GET /api/v1/users/ana%2Bx%40example.com");
  Given person = given({{"email", "ana@example.com"}, {"month", "75"}});
  person.set("teams", {"engineering", "design"});
  EXPECT_EQ(call_of("user add", person),
            R"(POST /api/v1/users {"email":"ana@example.com","teams":["engineering","design"],)"
            R"("name":"ana","caps":[{"period":"month","enforcement":"hard","limit_usd":"75"}]})");
  EXPECT_THAT(call_of("user add", given({})), HasSubstr("bad_user"));
}

TEST(Verbs, AServiceAccountIsOwnedByItsTeam) {
  Given service = given({{"service", "deploy-bot"}});
  service.set("teams", {"engineering"});
  EXPECT_EQ(call_of("user add", service),
            R"(POST /api/v1/users {"teams":["engineering"],"kind":"service",)"
            R"("name":"deploy-bot","owner_team":"engineering"})");
}

// The look-up of a cap by its scope, answered here as the API does.
TEST(Verbs, CapRaiseFindsTheCapByItsScope) {
  const Verb& verb = verb_named("cap raise");
  const Given values = given({{"scope.user", "ana@example.com"}, {"month", "200"}});
  Result<Draft> draft = make_call(verb, values);
  ASSERT_TRUE(draft.ok()) << draft.error().message;
  ApiCall asked;
  const Fetch fetch = [&](const ApiCall& call) -> Result<json::value> {
    asked = call;
    return json::parse(R"({"items": [
      {"id": "cap_day", "period": "day", "enforcement": "hard"},
      {"id": "cap_watch", "period": "month", "enforcement": "watch"},
      {"id": "cap_month", "period": "month", "enforcement": "hard"}]})");
  };
  ASSERT_TRUE(verb.find(values, fetch, *draft).ok());
  EXPECT_EQ(asked.query, (std::vector<std::pair<std::string, std::string>>{
                             {"scope", "user"}, {"name", "ana@example.com"}}));
  EXPECT_EQ(draft->call.path, "/api/v1/caps/cap_month/raise");

  const Given yearly = given({{"scope.user", "ana@example.com"}, {"year", "200"}});
  Result<Draft> other = make_call(verb, yearly);
  ASSERT_TRUE(other.ok());
  const Result<void> found = verb.find(yearly, fetch, *other);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, "no_cap");
}

TEST(Verbs, CapMoveNamesBothCapsByScopeOrId) {
  const Verb& verb = verb_named("cap move");
  const Given values = given(
      {{"from", "membership/engineering/ana@example.com"}, {"to", "cap_x"}, {"amount_usd", "5"}});
  Result<Draft> draft = make_call(verb, values);
  ASSERT_TRUE(draft.ok()) << draft.error().message;
  ApiCall asked;
  const Fetch fetch = [&](const ApiCall& call) -> Result<json::value> {
    asked = call;
    return json::parse(
        R"({"items": [{"id": "cap_month", "period": "month", "enforcement": "hard"}]})");
  };
  ASSERT_TRUE(verb.find(values, fetch, *draft).ok());
  EXPECT_EQ(asked.query, (std::vector<std::pair<std::string, std::string>>{
                             {"scope", "membership"}, {"name", "engineering/ana@example.com"}}));
  EXPECT_EQ(
      json::parse(draft->call.body),
      json::parse(R"({"amount_usd":"5","until":"cycle_end","from":"cap_month","to":"cap_x"})"));
  const Given both = given({{"from", "workspace"},
                            {"to", "cap_x"},
                            {"amount_usd", "5"},
                            {"until", "2026-12-24"},
                            {"for-good", "true"}});
  EXPECT_EQ(make_call(verb, both).error().code, "two_ends");
}

TEST(Verbs, StatusShowsWhatIsLeft) {
  const std::string text = show_answer(verb_named("status"), {}, R"({
    "user": {"name": "Ana", "email": "ana@example.com"}, "team": {"name": "engineering"},
    "key": {"kind": "use"},
    "caps": [{"scope": "user", "name": "Ana", "period": "month", "enforcement": "hard",
              "limit_usd": "150", "spent_usd": "149.999", "held_usd": "0",
              "remaining_usd": "0.001", "resets_at": "2026-12-01T00:00:00Z", "paused": true}]})");
  EXPECT_EQ(text,
            "Ana <ana@example.com>, engineering; use key\n\n"
            "CAP       PERIOD   LIMIT    SPENT  HELD  REMAINING  RESETS (UTC)\n"
            "user Ana  month   150.00  149.999  0.00      0.001  2026-12-01 00:00  paused\n");
}

TEST(Verbs, StatusShowsWhoIsRefusedAndUntilWhen) {
  const std::string text = show_answer(verb_named("status"), {}, R"({
    "user": {"name": "Ana", "email": null}, "team": null, "key": {"kind": "manage"}, "caps": [],
    "pauses": [
      {"why": "spent", "scope": "user", "name": "Ana", "period": "month", "limit_usd": "150",
       "until": "2026-12-01T00:00:00Z", "reason": null, "own": true},
      {"why": "spent", "scope": "task", "name": "t-1", "period": "none", "limit_usd": "2",
       "until": null, "reason": null, "own": false},
      {"why": "stopped", "scope": "workspace", "name": "Acme", "period": null, "limit_usd": null,
       "until": null, "reason": "a leak", "own": true}],
    "more_pauses": true})");
  EXPECT_EQ(text,
            "Ana; manage key\n\nno caps\n\n"
            "REFUSED NOW  BECAUSE IT                         UNTIL (UTC)\n"
            "user Ana     has spent its month cap of 150.00  2026-12-01 00:00, or it is raised  "
            "yours too\n"
            "task t-1     has spent its cap of 2.00          it is raised\n"
            "workspace    stopped by an admin: a leak        an admin resumes it                "
            "yours too\nand more\n");
}

TEST(Verbs, AnEmptyListSaysSo) {
  EXPECT_EQ(show_answer(verb_named("team list"), {}, R"({"items": [], "next": null})"), "none\n");
}

TEST(Verbs, AListThatIsNotAllSaysHowToGoOn) {
  EXPECT_EQ(show_answer(verb_named("team list"), {},
                        R"({"items": [{"name": "design", "id": "team_1"}], "next": "team_1"})"),
            "NAME    ID\ndesign  team_1\nthere are more: --after team_1\n");
}

TEST(Verbs, ARefusalIsToldInTheApisWords) {
  EXPECT_EQ(refusal_text({403, R"({"error": {"code": "forbidden", "message": "Only an admin."}})"}),
            "Only an admin.");
  EXPECT_THAT(refusal_text({502, "<html>"}), HasSubstr("status 502"));
  EXPECT_THAT(refusal_text({404, "nothing"}), HasSubstr("check PURSER_URL"));
}

}  // namespace
}  // namespace purser::main
