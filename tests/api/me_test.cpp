#include "answer.h"
#include "api_test_support.h"

namespace purser::api {
namespace {

using ::testing::ElementsAre;

class MeTest : public ApiTest {};

TEST_F(MeTest, SaysWhoAndWhatIsLeft) {
  spend(sam, {});
  spend(sam, {.hold = Nanos{5 * kNanosPerUsd}, .settle = false});
  const auto me = call("GET", "/api/v1/me", "", sam);
  ASSERT_EQ(me.status, 200);
  EXPECT_EQ(text_at(me.body.at("user"), "email"), "sam@example.com");
  EXPECT_EQ(text_at(me.body.at("team"), "name"), "engineering");
  EXPECT_EQ(text_at(me.body.at("key"), "kind"), "use");
  std::vector<std::string> rows;
  for (const auto& cap : me.body.at("caps").as_array()) {
    rows.push_back(text_at(cap, "scope") + " " + text_at(cap, "period") + " " +
                   text_at(cap, "limit_usd") + " " + text_at(cap, "spent_usd") + " " +
                   text_at(cap, "held_usd") + " " + text_at(cap, "remaining_usd") + " " +
                   text_at(cap, "resets_at") + " " + text_at(cap, "paused"));
  }
  EXPECT_THAT(rows,
              ElementsAre("workspace month 10000 0.002275 5 9994.997725 2026-12-01T00:00:00Z false",
                          "team month 5000 0.002275 5 4994.997725 2026-12-01T00:00:00Z false",
                          "user month 150 0.002275 5 144.997725 2026-12-01T00:00:00Z false"));
  EXPECT_EQ(text_at(me.body.at("caps").at(1), "name"), "engineering");
}

TEST_F(MeTest, AManageKeySeesTheCapsOfAllItsTeams) {
  const std::string lead = manage_key("member", "marketing");
  const auto me = call("GET", "/api/v1/me", "", lead);
  ASSERT_EQ(me.status, 200);
  EXPECT_TRUE(me.body.at("team").is_null());
  std::vector<std::string> names;
  for (const auto& cap : me.body.at("caps").as_array()) names.push_back(text_at(cap, "scope"));
  EXPECT_THAT(names, ElementsAre("workspace", "user", "team"));
}

TEST_F(MeTest, APausedCapSaysSo) {
  ASSERT_EQ(
      put("/api/v1/caps", R"({"scope":"user","name":"sam@example.com","limit_usd":"1"})").status,
      200);
  spend(sam, {});
  ASSERT_EQ(put("/api/v1/caps", R"({"scope":"user","name":"sam@example.com","limit_usd":"0.002"})")
                .status,
            200);
  const auto me = call("GET", "/api/v1/me", "", sam);
  const auto& cap = me.body.at("caps").at(2);
  EXPECT_EQ(text_at(cap, "paused"), "true");
  EXPECT_EQ(text_at(cap, "remaining_usd"), "-0.000275");
}

// "team engineering spent 0.002 own" for each of those that refuse somebody.
std::vector<std::string> pauses_in(const json::value& me) {
  std::vector<std::string> rows;
  for (const auto& pause : me.at("pauses").as_array()) {
    rows.push_back(text_at(pause, "scope") + " " + text_at(pause, "name") + " " +
                   text_at(pause, "why") + " " + text_at(pause, "period") + " until " +
                   text_at(pause, "until") + " " + text_at(pause, "reason") +
                   (pause.at("own").as_bool() ? " own" : ""));
  }
  return rows;
}

TEST_F(MeTest, SaysWhoIsRefusedByWhatAndUntilWhen) {
  spend(sam, {});
  for (const char* cap :
       {R"({"scope":"user","name":"sam@example.com","limit_usd":"0.002"})",
        R"({"scope":"label","name":"research","limit_usd":"0"})",
        R"({"scope":"project","name":"spring-launch","period":"day","limit_usd":"0"})",
        R"({"scope":"task","name":"sam@example.com/t","period":"none","limit_usd":"0"})",
        R"({"scope":"team","name":"marketing","limit_usd":"0","enforcement":"watch"})"}) {
    ASSERT_EQ(put("/api/v1/caps", cap).status, 200) << cap;
  }
  ASSERT_EQ(
      post("/api/v1/stop", R"({"scope":"team","name":"engineering","reason":"an audit"})").status,
      200);
  const auto me = call("GET", "/api/v1/me", "", sam);
  EXPECT_THAT(pauses_in(me.body),
              ElementsAre("team engineering stopped null until null an audit own",
                          "user Sam Rivera spent month until 2026-12-01T00:00:00Z null own",
                          "project spring-launch spent day until 2026-11-24T00:00:00Z null",
                          "label research spent month until 2026-12-01T00:00:00Z null"));
  EXPECT_FALSE(me.body.at("more_pauses").as_bool());
  // An admin sees who else is refused; a watch cap refuses nobody.
  const auto all = call("GET", "/api/v1/me", "", admin);
  EXPECT_THAT(pauses_in(all.body),
              ::testing::UnorderedElementsAre(
                  "team engineering stopped null until null an audit",
                  "user Sam Rivera spent month until 2026-12-01T00:00:00Z null",
                  "project spring-launch spent day until 2026-11-24T00:00:00Z null",
                  "label research spent month until 2026-12-01T00:00:00Z null",
                  ::testing::MatchesRegex("task .* spent none until null null")));
  const std::string member = manage_key("member", "marketing");
  // What could refuse them too, and nothing of other people.
  EXPECT_THAT(pauses_in(call("GET", "/api/v1/me", "", member).body),
              ElementsAre("project spring-launch spent day until 2026-11-24T00:00:00Z null",
                          "label research spent month until 2026-12-01T00:00:00Z null"));
}

TEST_F(MeTest, ListsItsOwnTasksInPages) {
  for (const auto* task : {"ticket-1", "ticket-2", "ticket-3"}) {
    spend(sam, {.task = task});
    env.advance(std::chrono::seconds(1));
  }
  spend(demo.people[1].key, {.task = "other"});
  std::vector<std::string> names;
  std::string path = "/api/v1/me/tasks?limit=2";
  for (int pages = 0; pages < 3; ++pages) {
    const auto tasks = call("GET", path, "", sam);
    ASSERT_EQ(tasks.status, 200) << json::serialize(tasks.body);
    for (const auto& task : tasks.items()) {
      names.push_back(text_at(task, "name"));
      EXPECT_EQ(text_at(task, "cost_usd"), "0.002275");
    }
    if (tasks.body.at("next").is_null()) break;
    path = "/api/v1/me/tasks?limit=2&after=" + tasks.text("next");
  }
  EXPECT_THAT(names, ElementsAre("ticket-3", "ticket-2", "ticket-1"));
  EXPECT_EQ(call("GET", "/api/v1/me/tasks?after=zzz", "", sam).error(), "bad_query");
}

TEST_F(MeTest, ATaskOfAnyBytesLeavesTheAnswerReadable) {
  spend(sam, {.task = "caf\xC3\xA9 \xFF\x80 \xED\xA0\x80"});
  const auto tasks = call("GET", "/api/v1/me/tasks", "", sam);
  ASSERT_EQ(tasks.items().size(), 1u);
  EXPECT_EQ(text_at(tasks.items()[0], "name"),
            "caf\xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD "
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(ValidUtf8, KeepsWhatIsValid) {
  for (const std::string text : {"", "plain", "é", "日本", "\xF0\x9F\x98\x80"})
    EXPECT_EQ(valid_utf8(text), text);
  EXPECT_EQ(valid_utf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(valid_utf8("a\xE2\x82"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80z").substr(12), "z");
}

}  // namespace
}  // namespace purser::api
