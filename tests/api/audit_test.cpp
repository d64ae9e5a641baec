// I6: every change leaves an entry that says who, when, from, to and why, and no secret.
#include <algorithm>
#include <set>
#include <sstream>

#include "api_test_support.h"
#include "audit_text.h"
#include "csv.h"
#include "purser/audit/head.h"
#include "request_reads.h"

namespace purser::api {
namespace {

class AuditTest : public ApiTest {
 protected:
  json::value newest() { return get("/api/v1/audit?limit=1").items().at(0); }
};

TEST_F(AuditTest, EveryChangeLeavesAnEntry) {
  const std::string cap = cap_id("user", "sam@example.com");
  const std::string team_cap = cap_id("team", "engineering");
  const std::string other_cap = cap_id("team", "marketing");
  struct Step {
    std::string method, path, body, action;
  };
  const Step steps[] = {
      {"POST", "/users", R"({"name":"Ana","email":"ana@example.com"})", "user.create"},
      {"PATCH", "/users/ana@example.com", R"({"name":"Ana L."})", "user.update"},
      {"PUT", "/users/ana@example.com/template", R"({"template":"intern"})", "cap."},
      {"POST", "/users/ana@example.com/deactivate", "{}", "user.deactivate"},
      {"POST", "/users/ana@example.com/reactivate", "{}", "user.reactivate"},
      {"POST", "/teams", R"({"name":"sales"})", "team.create"},
      {"PATCH", "/teams/sales", R"({"name":"field"})", "team.update"},
      {"POST", "/memberships", R"({"user":"ana@example.com","team":"field"})", "membership.create"},
      {"POST", "/keys", R"({"user":"ana@example.com"})", "key.create"},
      {"DELETE", "/teams/field", "", "team.end"},
      {"POST", "/projects", R"({"name":"p"})", "project.create"},
      {"PATCH", "/projects/p", R"({"name":"q"})", "project.update"},
      {"DELETE", "/projects/q", "", "project.end"},
      {"POST", "/labels", R"({"name":"l"})", "label.create"},
      {"PATCH", "/labels/l", R"({"name":"m"})", "label.update"},
      {"DELETE", "/labels/m", "", "label.end"},
      {"POST", "/templates", R"({"name":"t","caps":[{"limit_usd":"1"}]})", "template.create"},
      {"PATCH", "/templates/t", R"({"caps":[{"limit_usd":"2"}]})", "template.update"},
      {"DELETE", "/templates/t", "", "template.end"},
      {"PUT", "/caps", R"({"scope":"label","name":"research","limit_usd":"3"})", "cap."},
      {"POST", "/caps/" + cap + "/raise", R"({"limit_usd":"400"})", "cap."},
      {"DELETE", "/caps/" + cap + "/raise", "", "cap."},
      {"POST", "/caps/reallocate",
       R"({"from":")" + team_cap + R"(","to":")" + other_cap + R"(","amount_usd":"1"})", "cap."},
      {"DELETE", "/caps/" + team_cap, "", "cap."},
      {"POST", "/stop", R"({"scope":"user","name":"sam@example.com"})", "scope.stop"},
      {"POST", "/resume", R"({"scope":"user","name":"sam@example.com"})", "scope.resume"},
      {"PUT", "/prices", R"({"provider":"openai","model":"gpt-5","input_usd_per_million":"1"})",
       "price.set"},
      {"PATCH", "/settings", R"({"zone":"Europe/Berlin"})", "settings.update"},
      {"POST", "/clock/accept", "{}", "clock.accept"},
      {"POST", "/import", R"({"csv":"name,email\nBo,bo@example.com"})", "user.create"},
  };
  for (const auto& step : steps) {
    const auto before = newest().at("sequence").as_int64();
    const std::string reason = "because";
    std::string path = "/api/v1" + step.path;
    std::string body = step.body;
    if (step.method == "DELETE")
      path += "?reason=" + reason;
    else
      body.insert(1, "\"reason\":\"" + reason + "\"" + (body == "{}" ? "" : ","));
    const auto answer = call(step.method, path, body, admin);
    ASSERT_LT(answer.status, 300) << path << json::serialize(answer.body);
    bool found = false;
    const auto entries = get("/api/v1/audit?limit=20");
    for (const auto& entry : entries.items()) {
      if (entry.at("sequence").as_int64() <= before) break;
      if (!text_at(entry, "action").starts_with(step.action)) continue;
      found = true;
      EXPECT_EQ(text_at(entry, "actor_name"), "ada@example.com") << path;
      EXPECT_EQ(text_at(entry, "reason"), reason) << path;
      EXPECT_EQ(text_at(entry, "at"), "2026-11-23T15:00:00Z");
      EXPECT_EQ(text_at(entry, "hash").size(), 64u);
    }
    EXPECT_TRUE(found) << step.method << " " << path << " left no entry " << step.action << ": "
                       << json::serialize(get("/api/v1/audit?limit=3").body);
  }
}

TEST_F(AuditTest, IsFilteredByWhoWhatAndWhen) {
  const std::string finance = manage_key("finance");
  EXPECT_EQ(call("GET", "/api/v1/audit?action=key.", "", finance).items().size(), 6u);
  EXPECT_EQ(get("/api/v1/audit?actor=ada@example.com&action=user.").items().size(), 1u);
  EXPECT_EQ(get("/api/v1/audit?target=team/engineering").items().size(), 1u);
  EXPECT_TRUE(get("/api/v1/audit?from=2026-11-24").items().empty());
  EXPECT_TRUE(get("/api/v1/audit?to=2026-11-23").items().empty());
  EXPECT_FALSE(get("/api/v1/audit?from=2026-11-23&to=2026-11-24").items().empty());
  EXPECT_EQ(get("/api/v1/audit?from=yesterday").error(), "bad_time");
  EXPECT_EQ(get("/api/v1/audit?actor=nobody@example.com").error(), "unknown_user");
  EXPECT_EQ(get("/api/v1/audit?after=x").error(), "bad_query");
}

TEST_F(AuditTest, IsFilteredByScope) {
  const auto actions = [&](const std::string& query) {
    std::multiset<std::string> found;
    const auto entries = get("/api/v1/audit?limit=1000&" + query);
    for (const auto& entry : entries.items()) found.insert(text_at(entry, "action"));
    return found;
  };
  using ::testing::UnorderedElementsAre;
  EXPECT_THAT(
      actions("scope=team&name=engineering"),
      UnorderedElementsAre("team.create", "cap.set", "membership.create", "membership.create"));
  EXPECT_THAT(actions("scope=user&name=sam@example.com"),
              UnorderedElementsAre("user.create", "cap.set", "template.give", "membership.create",
                                   "key.create"));
  EXPECT_THAT(actions("scope=label&name=research"), UnorderedElementsAre("label.create"));

  // What it was called before counts, and what stops, raises and moves it.
  ASSERT_EQ(patch("/api/v1/teams/engineering", R"({"name":"builders"})").status, 200);
  ASSERT_EQ(patch("/api/v1/teams/builders", R"({"name":"makers"})").status, 200);
  ASSERT_EQ(post("/api/v1/stop", R"({"scope":"team","name":"makers","reason":"a look"})").status,
            200);
  const std::string cap = cap_id("team", "makers");
  ASSERT_EQ(
      call("POST", "/api/v1/raise-requests", R"({"reason":"x","cap":")" + cap + "\"}", sam).status,
      201);
  ASSERT_EQ(remove("/api/v1/caps/" + cap).status, 200);
  EXPECT_THAT(actions("scope=team&name=makers"),
              UnorderedElementsAre("team.create", "cap.set", "membership.create",
                                   "membership.create", "team.update", "team.update", "scope.stop",
                                   "raise_request.ask", "cap.end"));
  EXPECT_EQ(actions("scope=team&name=marketing").count("team.update"), 0u);
  EXPECT_EQ(actions("scope=user&name=sam@example.com").count("raise_request.ask"), 1u);
  EXPECT_EQ(actions("scope=user&name=sam@example.com&action=key.").size(), 1u);

  ASSERT_EQ(patch("/api/v1/users/sam@example.com", R"({"email":"sam.r@example.com"})").status, 200);
  EXPECT_EQ(actions("scope=user&name=sam.r@example.com").size(), 7u);
  ASSERT_EQ(patch("/api/v1/settings", R"({"zone":"Europe/Berlin"})").status, 200);
  EXPECT_EQ(actions("scope=workspace").count("settings.update"), 1u);
  EXPECT_EQ(get("/api/v1/audit?scope=team&name=nowhere").error(), "unknown_team");
  EXPECT_EQ(get("/api/v1/audit?scope=planet&name=x").error(), "bad_scope");
  EXPECT_EQ(get("/api/v1/audit?name=x").error(), "bad_query");
}

TEST_F(AuditTest, AMoveIsFoundByEitherSideAndToldInWords) {
  const std::string from = cap_id("team", "engineering"), to = cap_id("team", "marketing");
  ASSERT_EQ(post("/api/v1/caps/reallocate",
                 R"({"from":")" + from + R"(","to":")" + to + R"(","amount_usd":"40"})")
                .status,
            200);
  for (const std::string query :
       {"scope=team&name=engineering", "scope=team&name=marketing", "target=cap/", ""}) {
    const auto found = get("/api/v1/audit?action=cap.reallocate&" + query).items();
    ASSERT_EQ(found.size(), 1u) << query;
    EXPECT_EQ(text_at(found[0], "subject"),
              "team/engineering month cap → team/marketing month cap");
    EXPECT_TRUE(text_at(found[0], "change").find("giver.temporary_limit_usd") != std::string::npos)
        << text_at(found[0], "change");
  }
  for (const std::string& cap : {from, to})
    EXPECT_EQ(get("/api/v1/audit?action=cap.reallocate&target=cap/" + cap).items().size(), 1u);
  EXPECT_TRUE(
      get("/api/v1/audit?action=cap.reallocate&scope=user&name=sam@example.com").items().empty());
}

TEST_F(AuditTest, IsExportedAsJsonLinesFromWhichTheChainCanBeChecked) {
  const auto file = get("/api/v1/audit/export");
  ASSERT_EQ(file.status, 200);
  EXPECT_EQ(file.field("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(file.field("X-Purser-Next"), "");
  audit::Hash previous{};
  std::uint64_t sequence = 0;
  std::istringstream lines{std::string(file.body.as_string())};
  for (std::string line; std::getline(lines, line);) {
    const auto entry = json::parse(line);
    audit::Entry read;
    read.workspace = *parse_id("wsp", text_at(entry, "workspace"));
    read.sequence = static_cast<std::uint64_t>(entry.at("sequence").as_int64());
    read.at = kStart;
    if (!entry.at("actor").is_null()) read.actor = *parse_id("usr", text_at(entry, "actor"));
    read.actor_name = text_at(entry, "actor_name");
    read.action = text_at(entry, "action");
    read.target = text_at(entry, "target");
    read.from = text_at(entry, "from");
    read.to = text_at(entry, "to");
    read.reason = text_at(entry, "reason");
    EXPECT_EQ(read.sequence, ++sequence);
    previous = audit::entry_hash(previous, read);
    EXPECT_EQ(text_at(entry, "hash"), audit::to_hex(previous));
  }
  const auto head = get("/api/v1/audit/head");
  EXPECT_EQ(head.text("sequence"), std::to_string(sequence));
  EXPECT_EQ(head.text("hash"), audit::to_hex(previous));
  EXPECT_EQ(head.text("line"),
            std::to_string(sequence) + " 2026-11-23T15:00:00Z " + audit::to_hex(previous));
  const auto filtered = get("/api/v1/audit/export?action=team.&after=1");
  EXPECT_EQ(std::count(filtered.body.as_string().begin(), filtered.body.as_string().end(), '\n'),
            2);
  EXPECT_EQ(get("/api/v1/audit/export?format=xml").error(), "bad_query");
}

TEST_F(AuditTest, IsExportedAsCsvThatASpreadsheetTakesForText) {
  const char* reasons[] = {
      R"(=cmd|'/c calc'!A1)", "+1",        "-1",   "@SUM(A1)", R"(say \"hi\", Ana)",
      R"(two\nlines)",        R"(\t=tab)", "plain"};
  for (const char* reason : reasons) {
    const std::string body = R"({"name":"t","reason":")" + std::string(reason) + "\"}";
    ASSERT_EQ(post("/api/v1/teams", body).status, 201);
    ASSERT_EQ(remove("/api/v1/teams/t").status, 200);
  }
  const auto file = get("/api/v1/audit/export?format=csv&action=team.create&target=team/t");
  ASSERT_EQ(file.status, 200);
  EXPECT_EQ(file.field("Content-Type"), "text/csv; charset=utf-8");
  const auto rows = parse_csv(file.body.as_string());
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1 + std::size(reasons));
  EXPECT_EQ((*rows)[0].fields[7], "to");
  EXPECT_EQ((*rows)[1].fields[7], R"({"name":"t"})");
  std::vector<std::string> told;
  for (std::size_t i = 1; i < rows->size(); ++i) told.push_back((*rows)[i].fields[8]);
  EXPECT_THAT(told, ::testing::ElementsAre("'=cmd|'/c calc'!A1", "'+1", "'-1", "'@SUM(A1)",
                                           "say \"hi\", Ana", "two\nlines", "'\t=tab", "plain"));
  EXPECT_THAT(std::string(file.body.as_string()), ::testing::HasSubstr("\"say \"\"hi\"\", Ana\""));
}

TEST_F(AuditTest, TheExportComesInPieces) {
  ASSERT_TRUE(store->change([&](store::Change& change) -> Result<void> {
    for (std::size_t i = 0; i < kMostExported; ++i)
      change.audit({{Id{}, "test"}, "test.fill", "test/" + std::to_string(i), "", "", ""});
    return {};
  }));
  for (const std::string format : {"csv", "jsonl"}) {
    std::size_t lines = 0;
    std::string after;
    int pieces = 0;
    do {
      const auto piece = get("/api/v1/audit/export?format=" + format + after);
      const std::string text(piece.body.as_string());
      lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
      EXPECT_EQ(text.starts_with("sequence,"), format == "csv" && after.empty());
      const auto next = piece.field("X-Purser-Next");
      after = next.empty() ? "" : "&after=" + next;
      ++pieces;
    } while (!after.empty() && pieces < 5);
    EXPECT_EQ(pieces, 2);
    EXPECT_EQ(std::to_string(lines - (format == "csv" ? 1 : 0)),
              get("/api/v1/audit/head").text("sequence"));
  }
}

TEST_F(AuditTest, ReadingAnothersRequestIsOnRecordOnce) {
  const std::string path = "/api/v1/requests/" + to_text("req", spend(sam, {}));
  const auto reads = [&] { return get("/api/v1/audit?action=request.read").items(); };
  ASSERT_EQ(call("GET", path, "", sam).status, 200);
  EXPECT_TRUE(reads().empty());
  EXPECT_EQ(call("GET", path, "", manage_key("member")).status, 404);
  EXPECT_TRUE(reads().empty());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(get(path).status, 200);
  ASSERT_EQ(reads().size(), 1u);
  EXPECT_EQ(text_at(reads()[0], "actor_name"), "ada@example.com");
  EXPECT_EQ(text_at(reads()[0].at("to"), "user"), "sam@example.com");
  EXPECT_TRUE(path.ends_with(text_at(reads()[0], "target").substr(8)));
  ASSERT_EQ(call("GET", path, "", manage_key("finance")).status, 200);
  EXPECT_EQ(reads().size(), 2u);
  EXPECT_EQ(get("/api/v1/audit?action=request.&scope=user&name=sam@example.com").items().size(),
            2u);
  EXPECT_EQ(get("/api/v1/audit?action=request.&scope=user&name=mia@example.com").items().size(),
            0u);
}

TEST(RequestReads, RemembersTheLastOnes) {
  RequestReads reads;
  ManualEnv env{kStart, 5};
  const Id reader = make_id(env);
  const Id first = make_id(env);
  EXPECT_TRUE(reads.is_new(reader, first));
  EXPECT_FALSE(reads.is_new(reader, first));
  EXPECT_TRUE(reads.is_new(first, reader));
  reads.forget(reader, first);
  EXPECT_TRUE(reads.is_new(reader, first));
  for (std::size_t i = 0; i < RequestReads::kMostReads; ++i) {
    EXPECT_FALSE(i == 0 && reads.is_new(reader, first));
    EXPECT_TRUE(reads.is_new(reader, make_id(env)));
  }
  EXPECT_TRUE(reads.is_new(reader, first));
}

// What keys are booked on by default changes with the end of the project, and that is on record.
TEST_F(AuditTest, SaysNamesAndWhatWasBefore) {
  const auto made =
      post("/api/v1/keys", R"({"user":"sam@example.com","name":"desk",)"
                           R"("default_project":"checkout-rewrite","default_label":"research"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(json::serialize(newest().at("to")),
            R"({"kind":"use","name":"desk","user":"sam@example.com","team":"engineering",)"
            R"("default_project":"checkout-rewrite","default_label":"research",)"
            R"("refusal_status":null,"cost_comment_in_streams":false})");
  ASSERT_EQ(remove("/api/v1/projects/checkout-rewrite?reason=shipped").status, 200);
  const auto cleared = get("/api/v1/audit?action=key.update").items().at(0);
  EXPECT_EQ(text_at(cleared, "target"), "key/sam@example.com/desk");
  EXPECT_EQ(text_at(cleared.at("from"), "default_project"), "checkout-rewrite");
  EXPECT_TRUE(cleared.at("to").at("default_project").is_null());
  EXPECT_EQ(text_at(cleared, "reason"), "shipped");

  ASSERT_EQ(put("/api/v1/users/sam@example.com/template", R"({"template":"intern"})").status, 200);
  const auto given = get("/api/v1/audit?action=template.give").items().at(0);
  EXPECT_EQ(text_at(given, "target"), "user/sam@example.com");
  EXPECT_EQ(json::serialize(given.at("from")), R"({"templates":["engineer"]})");
  EXPECT_EQ(json::serialize(given.at("to")), R"({"templates":["intern"]})");

  const auto price =
      put("/api/v1/prices", R"({"provider":"openai","model":"gpt-5","input_usd_per_million":"1"})");
  ASSERT_EQ(price.status, 200);
  EXPECT_EQ(text_at(newest().at("from"), "version"), "2026-11-01");
  EXPECT_EQ(text_at(newest().at("from").at("rates"), "input_usd_per_million"), "1.25");
  ASSERT_EQ(remove("/api/v1/prices/" + price.text("id")).status, 200);
  EXPECT_EQ(text_at(newest(), "target"), "price/openai/gpt-5");
}

TEST_F(AuditTest, InPagesBackInTime) {
  std::int64_t last = INT64_MAX;
  std::string path = "/api/v1/audit?limit=7";
  for (int pages = 0; pages < 50; ++pages) {
    const auto page = get(path);
    for (const auto& entry : page.items()) {
      EXPECT_LT(entry.at("sequence").as_int64(), last);
      last = entry.at("sequence").as_int64();
    }
    if (page.body.at("next").is_null()) break;
    path = "/api/v1/audit?limit=7&after=" + page.text("next");
  }
  EXPECT_LE(last, 1);
}

TEST_F(AuditTest, TheChainHoldsAfterEverything) {
  ASSERT_EQ(patch("/api/v1/settings", R"({"name":"Example \"quoted\" Ltd"})").status, 200);
  api.reset();
  ring.reset();
  store.reset();
  const auto report = store::verify(directory);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->problems, ::testing::IsEmpty());
  EXPECT_GT(report->audit_entries, 20u);
}

}  // namespace
}  // namespace purser::api
