#include <gtest/gtest.h>

#include "sample.h"

namespace purser::alerts {
namespace {

TEST(Message, SurvivesBeingWritten) {
  Message message = sample_message();
  message.severity = Severity::critical;
  message.title = "Zoë \"quoted\" \\ 💸\r\n";
  message.at = Instant{Duration{1'795'000'000'123'456'789}};
  message.pause_key = "cap_1.2026-11.3";
  message.pause_ended = true;
  Result<Message> back = read_message(to_json(message));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_json(*back), to_json(message));
  EXPECT_EQ(back->id, message.id);
  EXPECT_EQ(back->at, message.at);
  EXPECT_EQ(back->severity, Severity::critical);
  EXPECT_EQ(back->title, message.title);
  EXPECT_EQ(back->paragraphs, message.paragraphs);
  EXPECT_EQ(back->facts[1].value, "77 %");
  EXPECT_EQ(back->breakdowns[0].parts[1].name, "Ben <ben@example.org>");
  EXPECT_EQ(back->breakdowns[0].parts[1].percent, 22);
  EXPECT_EQ(back->links[0].url, message.links[0].url);
  EXPECT_EQ(back->data, message.data);
  EXPECT_EQ(back->pause_key, message.pause_key);
  EXPECT_TRUE(back->pause_ended);
}

TEST(Message, WhatIsNoneIsRefused) {
  const std::string good = to_json(sample_message());
  for (const auto& [from, to] : {std::pair{"\"id\":\"msg_", "\"id\":\"usr_"},
                                 {"\"warning\"", "\"loud\""},
                                 {"\"percent\":78", "\"percent\":\"78\""},
                                 {"\"facts\"", "\"fax\""},
                                 {"\"pause_ended\":false", "\"pause_ended\":0"}}) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bad.replace(at, std::string(from).size(), to);
    EXPECT_EQ(read_message(bad).error().code, "bad_message") << bad;
  }
  for (const char* bad : {"", "[]", "null", "{", "{}", "\xff"}) {
    EXPECT_EQ(read_message(bad).error().code, "bad_message") << bad;
  }
  EXPECT_FALSE(read_message(good + std::string(std::size_t{1024} * 1024, ' ')).ok());
}

}  // namespace
}  // namespace purser::alerts
