// Thresholds, deliveries that failed, the inbox. That messages arrive: tests/suites/alerts.
#include "api_test_support.h"

namespace purser::api {
namespace {

class AlertsTest : public ApiTest {
 protected:
  // As the dispatcher writes it: told to Sam, and given up by a channel.
  void add_failed_message() {
    ASSERT_TRUE(store->change([&](store::Change& change) -> Result<void> {
      const Id message = make_id(env);
      change.sql().run(
          "INSERT INTO messages (workspace, id, type, made_at, body) VALUES (?1, ?2, "
          "'cap.threshold', ?3, "
          "'{\"severity\":\"info\",\"title\":\"Half is spent\",\"paragraphs\":[\"On pace.\"],"
          "\"facts\":[],\"breakdowns\":[]}')",
          {change.workspace(), message, change.now()});
      change.sql().run(
          "INSERT INTO inbox (workspace, user, message, made_at) SELECT ?1, id, ?2, ?3 FROM users "
          "WHERE handle = 'sam@example.com'",
          {change.workspace(), message, change.now()});
      change.sql().run(
          "INSERT INTO deliveries (workspace, message, channel, recipient, address, state, "
          "attempts, made_at, next_attempt_at, ended_at, last_error) SELECT ?1, ?2, 'mail', id, "
          "handle, 2, 9, ?3, ?3, ?3, 'no such mailbox' FROM users WHERE handle = "
          "'sam@example.com'",
          {change.workspace(), message, change.now()});
      return {};
    }));
  }
};

TEST_F(AlertsTest, ThresholdsAreSetShownAndInheritedAgain) {
  const auto cap = put("/api/v1/caps", R"({"scope":"team","name":"engineering","limit_usd":"9"})");
  const auto thresholds = [&] {
    return json::serialize(get("/api/v1/caps/" + cap.text("id")).body.at("thresholds"));
  };
  EXPECT_EQ(thresholds(), "[50,80,100]");
  const auto set =
      put("/api/v1/thresholds", R"({"scope":"team","name":"engineering","percents":[95,20]})");
  ASSERT_EQ(set.status, 200) << json::serialize(set.body);
  EXPECT_EQ(json::serialize(set.body.at("percents")), "[20,95,100]");
  EXPECT_EQ(thresholds(), "[20,95,100]");
  EXPECT_EQ(
      put("/api/v1/thresholds", R"({"cap":")" + cap.text("id") + R"(","percents":[10]})").status,
      200);
  EXPECT_EQ(thresholds(), "[10,100]");
  const auto listed = get("/api/v1/thresholds").items();
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(json::serialize(listed[0].at("percents")), "[50,80,100]");
  EXPECT_EQ(text_at(listed[1], "name"), "engineering");
  EXPECT_EQ(text_at(listed[2], "cap"), cap.text("id"));
  put("/api/v1/thresholds", R"({"cap":")" + cap.text("id") + R"(","percents":null})");
  EXPECT_EQ(get("/api/v1/thresholds").items().size(), 2u);
  EXPECT_EQ(thresholds(), "[20,95,100]");
  EXPECT_EQ(text_at(get("/api/v1/audit?limit=1").items()[0], "action"), "thresholds.set");
}

TEST_F(AlertsTest, ThresholdsThatAreNoneAreRefused) {
  const auto refused = [&](const std::string& body) {
    return put("/api/v1/thresholds", body).error();
  };
  EXPECT_EQ(refused(R"({"scope":"workspace","percents":[33]})"), "bad_thresholds");
  EXPECT_EQ(refused(R"({"scope":"workspace","percents":[0]})"), "bad_thresholds");
  EXPECT_EQ(refused(R"({"scope":"workspace","percents":[5,10,15,20,25,30]})"), "bad_thresholds");
  EXPECT_EQ(refused(R"({"scope":"user","name":"sam@example.com","percents":[50]})"), "bad_scope");
  EXPECT_EQ(refused(R"({"percents":[50]})"), "bad_scope");
  EXPECT_EQ(refused(R"({"scope":"workspace"})"), "missing_member");
  EXPECT_EQ(refused(R"({"scope":"team","name":"nowhere","percents":[50]})"), "unknown_team");
}

TEST_F(AlertsTest, FailedDeliveriesAreListedAndTriedAgain) {
  add_failed_message();
  const auto failed = get("/api/v1/alerts").items();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(text_at(failed[0], "last_error"), "no such mailbox");
  EXPECT_EQ(text_at(failed[0], "title"), "Half is spent");
  const std::string message = text_at(failed[0], "message");
  EXPECT_EQ(post("/api/v1/alerts/retry", R"({"message":"msg_x"})").error(), "unknown_message");
  const auto retried = post("/api/v1/alerts/retry", R"({"message":")" + message + R"("})");
  ASSERT_EQ(retried.status, 200) << json::serialize(retried.body);
  EXPECT_EQ(retried.body.at("retried").as_int64(), 1);
  EXPECT_TRUE(get("/api/v1/alerts?state=failed").items().empty());
  EXPECT_EQ(get("/api/v1/alerts?state=waiting").items().size(), 1u);
  EXPECT_EQ(get("/api/v1/alerts?state=lost").error(), "bad_query");
}

TEST_F(AlertsTest, WhatOneWasToldIsShownToNobodyElse) {
  add_failed_message();
  const std::string message = text_at(get("/api/v1/alerts").items()[0], "message");
  const std::string path = "/api/v1/inbox/" + message;
  const auto own = call("GET", path, "", sam);
  ASSERT_EQ(own.status, 200) << json::serialize(own.body);
  EXPECT_EQ(own.text("title"), "Half is spent");
  EXPECT_EQ(get(path).error(), "unknown_message");
  EXPECT_EQ(get("/api/v1/inbox/msg_x").status, 404);
}

TEST_F(AlertsTest, ATestThatFailsSaysWhy) {
  alerts::ChannelConfig channel;
  channel.name = "hook";
  channel.kind = alerts::ChannelKind::webhook;
  channel.url = "http://127.0.0.1:9/";  // private, which is not allowed here
  channels = {channel};
  const auto tested = post("/api/v1/alerts/test", R"({"channel":"hook"})");
  ASSERT_EQ(tested.status, 200) << json::serialize(tested.body);
  EXPECT_FALSE(tested.body.at("sent").as_bool());
  EXPECT_FALSE(tested.text("error").empty());
  EXPECT_EQ(post("/api/v1/alerts/test", R"({"channel":"fax"})").error(), "unknown_channel");
}

}  // namespace
}  // namespace purser::api
