#include "api_test_support.h"

namespace purser::api {
namespace {

class ImportTest : public ApiTest {
 protected:
  Answer import(const std::string& csv, const std::string& query = "") {
    return post("/api/v1/import" + query, csv);
  }
  static std::string result(const Answer& answer, std::size_t row) {
    const auto& one = answer.body.at("rows").at(row);
    return text_at(one, "result") == "error" ? text_at(one.at("error"), "code")
                                             : text_at(one, "result");
  }
};

TEST_F(ImportTest, AHundredPeopleWithBadRowsAmongThem) {
  std::string csv = "\xEF\xBB\xBFName,EMAIL,team,role,template,cap_usd\r\n";
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    csv += "\"Person, " + n + "\",p" + n + "@example.com," + (i % 2 ? "engineering" : "Marketing") +
           ",," + (i % 3 ? "" : "intern") + "," + (i % 3 ? "12.50" : "") + "\r\n";
  }
  csv += "Bad Mail,nope,engineering,,,5\r\n";                   // 100
  csv += "No Team,nt@example.com,sales,,,5\r\n";                // 101
  csv += "Bad Cap,bc@example.com,engineering,,,five\r\n";       // 102
  csv += "Twice,p1@example.com,engineering,,,5\r\n";            // 103
  csv += "Both,both@example.com,engineering,,intern,5\r\n";     // 104
  csv += "Bad Role,br@example.com,engineering,emperor,,5\r\n";  // 105
  csv += ",noname@example.com,engineering,,,5\r\n";             // 106
  csv += "Sam Again,SAM@example.com,engineering,,,5\r\n";       // 107
  csv += "Too,many@example.com,engineering,,,5,6,7\r\n";        // 108
  csv += "Lead,lead@example.com,engineering,lead,,\r\n";        // 109
  csv += "Lead2,lead2@example.com,,lead,,\r\n";                 // 110
  csv += "Tmpl,tm@example.com,engineering,,emperor,\r\n";       // 111
  const auto answer = import(csv);
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  EXPECT_EQ(answer.text("added"), "101");
  EXPECT_EQ(answer.text("exist"), "1");
  EXPECT_EQ(answer.text("failed"), "10");
  const std::vector<std::string> expected = {
      "bad_email", "unknown_team", "bad_amount", "duplicate_row", "bad_cap",  "bad_role",
      "bad_name",  "exists",       "bad_csv",    "added",         "bad_role", "unknown_template"};
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(result(answer, 100 + i), expected[i]) << i;
  EXPECT_EQ(get("/api/v1/users?limit=1000").items().size(), 106u);
  EXPECT_EQ(get("/api/v1/users/nt@example.com").status, 404);  // a bad row leaves nothing
  EXPECT_EQ(text_at(get("/api/v1/caps?scope=user&name=p1@example.com").items()[0], "limit_usd"),
            "12.5");
  EXPECT_EQ(text_at(get("/api/v1/caps?scope=user&name=p0@example.com").items()[0], "template"),
            "intern");
  EXPECT_EQ(text_at(get("/api/v1/users/lead@example.com").body.at("teams").at(0), "lead"), "true");
  EXPECT_EQ(import(csv).text("added"), "0");
}

TEST_F(ImportTest, ARowWithTooFewFieldsIsAnErrorOfThatRow) {
  const auto answer =
      import("name,email,team,role,cap_usd\nShort,s@example.com\nWhole,w@example.com,,,\n");
  EXPECT_EQ(answer.text("added"), "1");
  EXPECT_EQ(result(answer, 0), "bad_csv");
  EXPECT_THAT(text_at(answer.body.at("rows").at(0).at("error"), "message"),
              ::testing::HasSubstr("2 of the 5 fields"));
  EXPECT_EQ(result(answer, 1), "added");
  EXPECT_EQ(get("/api/v1/users/s@example.com").status, 404);
}

TEST_F(ImportTest, ADryRunSaysTheSameAndChangesNothing) {
  const std::string csv = "name,email,team\nAna,ana@example.com,engineering\nBo,bo,engineering\n";
  const auto before = get("/api/v1/audit?limit=1").items()[0].at("sequence").as_int64();
  const auto dry = import(csv, "?dry_run=true");
  ASSERT_EQ(dry.status, 200);
  EXPECT_EQ(dry.text("dry_run"), "true");
  EXPECT_EQ(result(dry, 0), "added");
  EXPECT_EQ(result(dry, 1), "bad_email");
  EXPECT_EQ(get("/api/v1/users/ana@example.com").status, 404);
  EXPECT_EQ(get("/api/v1/audit?limit=1").items()[0].at("sequence").as_int64(), before);
  const auto real = import(csv);
  EXPECT_EQ(result(real, 0), "added");
  EXPECT_EQ(result(real, 1), "bad_email");
}

TEST_F(ImportTest, MakesKeysWhereAsked) {
  const auto answer = import(
      R"({"csv":"name,email,team,project\nAna,ana@example.com,engineering,checkout-rewrite\nBo,bo@example.com,,",
          "make_keys":true,"reason":"first wave"})");
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  const std::string key = text_at(answer.body.at("rows").at(0), "key");
  const auto me = call("GET", "/api/v1/me", "", key);
  EXPECT_EQ(text_at(me.body.at("user"), "name"), "Ana");
  EXPECT_FALSE(me.body.at("key").at("default_project").is_null());
  EXPECT_FALSE(answer.body.at("rows").at(1).as_object().contains("key"));
}

TEST_F(ImportTest, RefusesAFileThatIsNone) {
  EXPECT_EQ(import("").error(), "bad_csv");
  EXPECT_EQ(import("email,team\n").error(), "bad_csv");
  EXPECT_EQ(import("name,email,shoe\n").error(), "bad_csv");
  EXPECT_EQ(import("name,email,name\n").error(), "bad_csv");
  EXPECT_EQ(import("name,email\n\"x").error(), "bad_csv");
  EXPECT_EQ(import("{\"csv\":1}").error(), "bad_member");
  EXPECT_EQ(import("name,email\n").text("added"), "0");
}

}  // namespace
}  // namespace purser::api
