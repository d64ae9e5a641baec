// Which failures bill nothing, and that no bytes at all upset a meter.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "answer_fixtures.h"

namespace purser::providers {
namespace {

constexpr const char* kOverloaded =
    R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";

struct Failure {
  Format format;
  int status;
  const char* body;
  bool nothing;
};

class FailedAnswer : public testing::TestWithParam<Failure> {};
TEST_P(FailedAnswer, BillsNothingOrMayHave) {
  EXPECT_EQ(bills_nothing(GetParam().format, GetParam().status, GetParam().body),
            GetParam().nothing);
}

constexpr Format kChat = Format::openai_chat;
constexpr Format kResponses = Format::openai_responses;
constexpr Format kMessages = Format::anthropic_messages;

INSTANTIATE_TEST_SUITE_P(
    ByStatus, FailedAnswer,
    testing::Values(Failure{kChat, 400, "", true}, Failure{kChat, 401, "", true},
                    Failure{kChat, 402, "", true}, Failure{kChat, 403, "", true},
                    Failure{kChat, 404, "", true}, Failure{kChat, 408, "", false},
                    Failure{kChat, 413, "", true}, Failure{kChat, 422, "", true},
                    Failure{kChat, 429, "", true}, Failure{kChat, 499, "", false},
                    Failure{kChat, 500, "", false}, Failure{kChat, 502, "", false},
                    Failure{kChat, 503, "", false}, Failure{kChat, 504, "", false},
                    Failure{kChat, 200, "", false}, Failure{kChat, 302, "", false},
                    Failure{kMessages, 400, "", true}, Failure{kMessages, 401, "", true},
                    Failure{kMessages, 413, "", true}, Failure{kMessages, 429, "", true},
                    Failure{kMessages, 500, "", false}, Failure{kMessages, 503, "", false},
                    Failure{kMessages, 504, "", false}, Failure{kMessages, 529, "", true},
                    Failure{Format::anthropic_count_tokens, 500, "", true}));

INSTANTIATE_TEST_SUITE_P(
    ByError, FailedAnswer,
    testing::Values(
        Failure{kMessages, 200, kOverloaded, true}, Failure{kMessages, 503, kOverloaded, true},
        Failure{kMessages, 500, kOverloaded, false},
        Failure{kMessages, 200, R"({"type":"error","error":{"type":"api_error"}})", false},
        Failure{kChat, 200, kOverloaded, false},  // another provider's word
        Failure{kChat, 503, R"({"error":{"code":"server_is_overloaded"}})", true},
        Failure{kChat, 503, R"({"error":{"type":"server_error"}})", false},
        Failure{kChat, 200, R"({"error":{"code":502,"message":"x"}})", false},
        Failure{kResponses, 200,
                R"({"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded"}}})",
                true},
        Failure{kResponses, 200,
                R"({"type":"response.failed","response":{"error":{"code":"server_error"}}})",
                false},
        Failure{kResponses, 200, R"({"type":"error","code":"rate_limit_exceeded","message":"x"})",
                true},
        Failure{kResponses, 200, "not json", false}));

TEST(FailedAnswer, InAStreamIsJudgedByTheErrorThatCame) {
  const MeteredStream overloaded = meter(kMessages, false, {answer_fixture("messages_error.sse")});
  EXPECT_FALSE(overloaded.summary.any_output);
  EXPECT_TRUE(bills_nothing(kMessages, 200, overloaded.summary.error_body));
  const MeteredStream limited = meter(kResponses, false, {answer_fixture("responses_failed.sse")});
  EXPECT_FALSE(limited.summary.any_output);
  EXPECT_TRUE(bills_nothing(kResponses, 200, limited.summary.error_body))
      << limited.summary.error_body;
  const MeteredStream cut_off = meter(kChat, false, {answer_fixture("chat_error.sse")});
  EXPECT_TRUE(cut_off.summary.any_output);
  EXPECT_FALSE(bills_nothing(kChat, 200, cut_off.summary.error_body));
}

TEST(StreamMeter, StopsAtAFrameThatIsTooLong) {
  for (const bool hide : {false, true}) {
    StreamMeter meter(kChat, hide);
    std::string relay;
    const std::string piece(1 << 20, 'x');
    int fed = 0;
    while (fed < 100 && meter.feed(piece, relay)) {
      ++fed;
      relay.clear();
    }
    EXPECT_EQ(fed, 8);
    EXPECT_FALSE(meter.feed("\n\ndata: [DONE]\n\n", relay));
    EXPECT_FALSE(meter.summary().complete);
    meter.finish(relay);
  }
}

TEST(StreamMeter, RelaysOfACutStreamOnlyWhatIsWholeWhereItHides) {
  const std::string whole = "data: {\"id\":\"c\",\"choices\":[{}]}\n\n";
  for (const char* rest : {"data: {\"id\":\"c\",\"choices\":[],\"usa",
                           "data: {\"choices\":[],"
                           "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}"}) {
    const MeteredStream hidden = meter(kChat, true, {whole + rest});
    EXPECT_EQ(hidden.relayed, whole);
    EXPECT_EQ(meter(kChat, false, {whole + rest}).relayed, whole + rest);
  }
  StreamMeter cut(kChat, false);
  std::string relay;
  EXPECT_TRUE(cut.feed(whole, relay));
  EXPECT_TRUE(cut.between_frames());
  EXPECT_TRUE(cut.feed("data: {", relay));
  EXPECT_FALSE(cut.between_frames());
  StreamMeter held(kChat, true);
  EXPECT_TRUE(held.feed(whole + "data: {", relay));
  EXPECT_TRUE(held.between_frames());
}

const std::vector<std::pair<Format, std::string>>& streams() {
  static const std::vector<std::pair<Format, std::string>> all = [] {
    std::vector<std::pair<Format, std::string>> read;
    for (const char* name :
         {"chat_openai.sse", "chat_tools.sse", "chat_groq.sse", "chat_crlf_multiline.sse"}) {
      read.emplace_back(kChat, answer_fixture(name));
    }
    read.emplace_back(kResponses, answer_fixture("responses.sse"));
    read.emplace_back(kMessages, answer_fixture("messages.sse"));
    read.emplace_back(kMessages, answer_fixture("messages_compaction.sse"));
    return read;
  }();
  return all;
}

// Recorded streams with bytes struck, doubled, swapped and cut: nothing crashes, what passes is
// byte-exact, and the pieces do not matter.
RC_GTEST_PROP(StreamMeter, SurvivesAnyDamage, ()) {
  auto [format, stream] = *rc::gen::elementOf(streams());
  const auto damages = *rc::gen::inRange(1, 12);
  for (int i = 0; i < damages && !stream.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, stream.size());
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        stream.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
        break;
      case 1:
        stream.insert(at, stream.substr(at, *rc::gen::inRange<std::size_t>(1, 400)));
        break;
      case 2:
        stream[at] = *rc::gen::arbitrary<char>();
        break;
      case 3:
        stream[at] = *rc::gen::elementOf(std::string("\r\n\"{}[]:,-.9e0\\"));
        break;
      default:
        stream.resize(at);
        break;
    }
  }
  const bool hide = *rc::gen::arbitrary<bool>();
  const auto cut = *rc::gen::inRange<std::size_t>(0, stream.size() + 1);
  const MeteredStream whole = meter(format, hide, {stream});
  const MeteredStream pieces = meter(format, hide, {stream.substr(0, cut), stream.substr(cut)});
  RC_ASSERT(whole.relayed == pieces.relayed);
  RC_ASSERT(whole.summary.usage == pieces.summary.usage);
  RC_ASSERT(whole.summary.suspicious == pieces.summary.suspicious);
  if (!hide || format != kChat) RC_ASSERT(whole.relayed == stream);
  if (whole.summary.usage) {
    for (const std::int64_t tokens : whole.summary.usage->tokens) RC_ASSERT(tokens >= 0);
    RC_ASSERT(whole.summary.suspicious.empty());
  }
}

RC_GTEST_PROP(ReadAnswer, SurvivesAnyDamage, ()) {
  const auto [format, name] = *rc::gen::elementOf(
      std::vector<std::pair<Format, std::string>>{{kChat, "chat.json"},
                                                  {kResponses, "responses.json"},
                                                  {kMessages, "messages.json"},
                                                  {Format::openai_embeddings, "embeddings.json"}});
  std::string body = answer_fixture(name);
  const auto damages = *rc::gen::inRange(1, 6);
  for (int i = 0; i < damages && !body.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, body.size());
    if (*rc::gen::arbitrary<bool>()) {
      body[at] = *rc::gen::elementOf(std::string("\"{}[]:,-.9e0\\tnf"));
    } else {
      body.erase(at, 1);
    }
  }
  const AnswerSummary got = read_answer(format, body);
  RC_ASSERT(!got.usage || got.suspicious.empty());
  if (got.usage) {
    for (const std::int64_t tokens : got.usage->tokens) RC_ASSERT(tokens >= 0);
  }
}

}  // namespace
}  // namespace purser::providers
