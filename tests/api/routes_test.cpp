#include "route.h"

#include <set>

#include "api_test_support.h"

namespace purser::api {
namespace {

class RoutesTest : public ApiTest {};

TEST_F(RoutesTest, UnknownPathsAndMethodsSaySo) {
  EXPECT_EQ(get("/api/v1/nothing").status, 404);
  EXPECT_EQ(get("/api/v1/nothing").error(), "unknown_path");
  EXPECT_EQ(get("/api/v1/users/").status, 404);
  const auto wrong = call("DELETE", "/api/v1/users", "", admin);
  EXPECT_EQ(wrong.status, 405);
  bool allow = false;
  for (const auto& [name, value] : wrong.fields)
    allow = allow || (name == "Allow" && value == "GET, POST");
  EXPECT_TRUE(allow);
}

TEST_F(RoutesTest, BodiesAreReadStrictly) {
  const auto refused = [&](std::string body) {
    return post("/api/v1/teams", std::move(body)).error();
  };
  EXPECT_EQ(refused("{"), "bad_json");
  EXPECT_EQ(refused("[]"), "bad_json");
  EXPECT_EQ(refused(""), "missing_member");
  EXPECT_EQ(refused(R"({"name":1})"), "bad_member");
  EXPECT_EQ(refused(R"({"name":null})"), "bad_member");
  EXPECT_EQ(refused(R"({"name":"x","nmae":"y"})"), "unknown_member");
  EXPECT_EQ(refused(R"({"name":"x","month_cap_usd":5})"), "bad_member");
  EXPECT_EQ(refused(R"({"name":"x","month_cap_usd":"-5"})"), "bad_amount");
  EXPECT_EQ(refused(R"({"name":"x","reason":7})"), "bad_member");
  EXPECT_EQ(refused(R"({"name":"x","reason":")" + std::string(501, 'r') + "\"}"), "bad_member");
  EXPECT_EQ(refused(std::string(40, '[')), "bad_json");
  EXPECT_EQ(post("/api/v1/teams", std::string((4 << 20) + 1, ' ')).status, 413);
}

TEST_F(RoutesTest, QueriesAreReadStrictly) {
  EXPECT_EQ(get("/api/v1/users?limit=0").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/users?limit=1001").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/users?limit=99999999999999999999").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/users?page=2").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/users?limit=1&limit=2").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/users?after=usr_1").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/users?team=%zz").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/users?active=maybe").error(), "bad_query");
}

TEST_F(RoutesTest, PathsAreDecoded) {
  ASSERT_EQ(post("/api/v1/teams", R"({"name":"R&D / Ünits"})").status, 201);
  EXPECT_EQ(get("/api/v1/teams/R%26D%20%2F%20%C3%9Cnits").status, 200);
  EXPECT_EQ(get("/api/v1/teams/r%26d%20%2f%20%c3%bcnits").status, 200);
  EXPECT_EQ(get("/api/v1/teams/%zz").status, 404);
}

TEST_F(RoutesTest, AreTheOperationsOfTheDocument) {
  std::ifstream file(PURSER_SOURCE_DIR "/docs/openapi.json");
  ASSERT_TRUE(file);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto document = json::parse(text);
  std::set<std::string> documented, served;
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      std::string upper(method);
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      if (operation.is_object() && upper != "PARAMETERS")
        documented.insert(upper + " " + std::string(path));
    }
  }
  for (const auto& route : routes())
    served.insert(std::string(route.method) + " " + std::string(route.pattern));
  EXPECT_EQ(documented, served);
}

}  // namespace
}  // namespace purser::api
