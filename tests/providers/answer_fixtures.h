// Reads the recorded answers; see fixtures/answers/README.md.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "purser/providers/answer.h"

namespace purser::providers {

inline std::string answer_fixture(const std::string& name) {
  const std::string path =
      std::string(PURSER_SOURCE_DIR) + "/tests/providers/fixtures/answers/" + name;
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct MeteredStream {
  AnswerSummary summary;
  std::string relayed;
  bool fits = true;
};

// Feeds a stream in the given pieces and ends it.
inline MeteredStream meter(Format format, bool hide_usage, const std::vector<std::string>& pieces,
                           StreamMeter::BeforeEnd before_end = nullptr) {
  StreamMeter meter(format, hide_usage);
  if (before_end) meter.on_before_end(std::move(before_end));
  MeteredStream out;
  for (const std::string& piece : pieces) {
    if (!meter.feed(piece, out.relayed)) out.fits = false;
  }
  meter.finish(out.relayed);
  out.summary = meter.summary();
  return out;
}

inline std::vector<std::string> bytes_of(const std::string& text) {
  std::vector<std::string> pieces;
  for (const char byte : text) pieces.emplace_back(1, byte);
  return pieces;
}

inline void expect_same(const AnswerSummary& a, const AnswerSummary& b) {
  EXPECT_EQ(a.usage, b.usage);
  EXPECT_EQ(a.usage_is_final, b.usage_is_final);
  EXPECT_EQ(a.complete, b.complete);
  EXPECT_EQ(a.provider_failed, b.provider_failed);
  EXPECT_EQ(a.any_output, b.any_output);
  EXPECT_EQ(a.error_body, b.error_body);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.response_id, b.response_id);
  EXPECT_EQ(a.suspicious, b.suspicious);
  EXPECT_EQ(a.tool_calls, b.tool_calls);
}

}  // namespace purser::providers
