// A message as the dispatcher would have composed it.
#pragma once

#include "purser/alerts/message.h"

namespace purser::alerts {

inline Message sample_message() {
  Message message;
  message.id.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  message.type = "cap.threshold";
  message.at = Instant{std::chrono::seconds{1'795'000'000}};
  message.severity = Severity::warning;
  message.title = "Research has spent 82 % of its cap";
  message.paragraphs = {"The team Research has spent USD 412.10 of 500.00.", "Nothing stops yet."};
  message.facts = {{"Spent", "USD 412.10 of 500.00 (82 %)"}, {"Cycle gone", "77 %"}};
  message.breakdowns = {
      {"By user", {{"Ana", "USD 320.00", 78}, {"Ben <ben@example.org>", "USD 92.10", 22}}}};
  message.links = {{"Raise the cap", "https://purser.example.org/raise?cap=1&by=2"}};
  message.data = R"({"cap":"cap_1","spent_usd":"412.10"})";
  return message;
}

}  // namespace purser::alerts
