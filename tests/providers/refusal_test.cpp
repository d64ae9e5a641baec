#include "purser/providers/refusal.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "purser/providers/answer.h"

namespace purser::providers {
namespace {

namespace dom = simdjson::dom;

constexpr Format kAll[] = {Format::openai_chat, Format::openai_responses, Format::openai_embeddings,
                           Format::anthropic_messages, Format::anthropic_count_tokens};

Refusal spend_refusal() {
  Refusal refusal;
  refusal.code = "budget_exceeded";
  refusal.message = "Ada has used USD 75.00 of 75.00 for November; \"resets\" Dec 1.";
  refusal.for_spend = true;
  refusal.resets_at_epoch_seconds = 1796083200;
  refusal.retry_after_seconds = 86400;
  refusal.details.add_text("limit_usd", "75");
  refusal.details.add("paused", "true");
  refusal.details.add("fits_tokens", "12");
  return refusal;
}

std::string field(const WireRefusal& wire, std::string_view name) {
  std::string found;
  for (const auto& [key, value] : wire.fields) {
    if (key == name) found += value;
  }
  return found;
}

std::string text_at(const std::string& json, const char* pointer) {
  dom::parser parser;
  std::string_view found;
  EXPECT_EQ(parser.parse(json).at_pointer(pointer).get_string().get(found), simdjson::SUCCESS)
      << pointer << " in " << json;
  return std::string(found);
}

TEST(Refusal, OfSpendHasTheProvidersOwnShape) {
  const WireRefusal chat = write_refusal(Format::openai_chat, spend_refusal(), {});
  EXPECT_EQ(chat.status, 402);
  EXPECT_EQ(text_at(chat.body, "/error/type"), "insufficient_quota");
  EXPECT_EQ(text_at(chat.body, "/error/code"), "budget_exceeded");
  EXPECT_EQ(text_at(chat.body, "/error/message"), spend_refusal().message);
  EXPECT_EQ(text_at(chat.body, "/purser/code"), "budget_exceeded");
  EXPECT_EQ(text_at(chat.body, "/purser/limit_usd"), "75");

  const WireRefusal messages = write_refusal(Format::anthropic_messages, spend_refusal(), {});
  EXPECT_EQ(messages.status, 402);
  EXPECT_EQ(text_at(messages.body, "/type"), "error");
  EXPECT_EQ(text_at(messages.body, "/error/type"), "billing_error");
  EXPECT_EQ(text_at(messages.body, "/error/message"), spend_refusal().message);
  EXPECT_EQ(text_at(messages.body, "/purser/code"), "budget_exceeded");
}

TEST(Refusal, OfSpendTellsSdksNotToRetryAndNeverToWait) {
  for (const Format format : kAll) {
    const WireRefusal wire = write_refusal(format, spend_refusal(), {});
    EXPECT_EQ(field(wire, "content-type"), "application/json");
    EXPECT_EQ(field(wire, "x-should-retry"), "false");
    EXPECT_EQ(field(wire, "retry-after"), "");
  }
}

TEST(Refusal, ForHoldsInTheWayIsRetriedWithinSeconds) {
  Refusal refusal = spend_refusal();
  refusal.status = 429;
  refusal.code = "holds_in_the_way";
  refusal.should_retry = true;
  for (const auto& [asked, sent] :
       {std::pair<std::int64_t, std::string>{0, "1"}, {3, "3"}, {86400, "5"}}) {
    refusal.retry_after_seconds = asked;
    const WireRefusal wire = write_refusal(Format::openai_responses, refusal, {});
    EXPECT_EQ(wire.status, 429);
    EXPECT_EQ(field(wire, "retry-after"), sent);
    EXPECT_EQ(field(wire, "x-should-retry"), "");
  }
  const WireRefusal openai = write_refusal(Format::openai_chat, refusal, {});
  EXPECT_EQ(text_at(openai.body, "/error/type"), "rate_limit_error");
  EXPECT_EQ(text_at(openai.body, "/error/code"), "holds_in_the_way");
  const WireRefusal anthropic = write_refusal(Format::anthropic_messages, refusal, {});
  EXPECT_EQ(text_at(anthropic.body, "/error/type"), "rate_limit_error");
}

TEST(Refusal, WhatNoRetryMendsTakesTheSameFormWithItsOwnCode) {
  for (const char* code : {"stopped", "no_cap", "no_price", "model_not_allowed"}) {
    Refusal refusal;
    refusal.code = code;
    refusal.message = "x";
    const WireRefusal wire = write_refusal(Format::openai_chat, refusal, {});
    EXPECT_EQ(wire.status, 402);
    EXPECT_EQ(text_at(wire.body, "/error/type"), "insufficient_quota");
    EXPECT_EQ(text_at(wire.body, "/error/code"), code);
  }
}

struct StatusRow {
  int status;
  const char* openai_type;
  const char* anthropic_type;
};

class RefusalStatus : public testing::TestWithParam<StatusRow> {};

TEST_P(RefusalStatus, NamesTheTypeOfEachProvider) {
  Refusal refusal;
  refusal.status = GetParam().status;
  refusal.code = "some_code";
  refusal.message = "m";
  const WireRefusal openai = write_refusal(Format::openai_responses, refusal, {});
  EXPECT_EQ(openai.status, GetParam().status);
  EXPECT_EQ(text_at(openai.body, "/error/type"), GetParam().openai_type);
  const WireRefusal anthropic = write_refusal(Format::anthropic_messages, refusal, {});
  EXPECT_EQ(anthropic.status, GetParam().status);
  EXPECT_EQ(text_at(anthropic.body, "/error/type"), GetParam().anthropic_type);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusalStatus,
    testing::Values(StatusRow{400, "invalid_request_error", "invalid_request_error"},
                    StatusRow{401, "invalid_request_error", "authentication_error"},
                    StatusRow{403, "invalid_request_error", "permission_error"},
                    StatusRow{404, "invalid_request_error", "not_found_error"},
                    StatusRow{413, "invalid_request_error", "request_too_large"},
                    StatusRow{422, "invalid_request_error", "invalid_request_error"},
                    StatusRow{429, "rate_limit_error", "rate_limit_error"},
                    StatusRow{500, "server_error", "api_error"},
                    StatusRow{502, "server_error", "api_error"},
                    StatusRow{503, "server_error", "overloaded_error"},
                    StatusRow{529, "server_error", "overloaded_error"}));

struct ClientCase {
  const char* name;
  ClientHints hints;
  Format format;
  int status;
  const char* error_type;
};

class RefusalClient : public testing::TestWithParam<ClientCase> {};

TEST_P(RefusalClient, GetsTheFormItTakesBest) {
  const WireRefusal wire = write_refusal(GetParam().format, spend_refusal(), GetParam().hints);
  EXPECT_EQ(wire.status, GetParam().status);
  EXPECT_EQ(text_at(wire.body, "/error/type"), GetParam().error_type);
  EXPECT_EQ(text_at(wire.body, "/error/message"), spend_refusal().message);
  EXPECT_EQ(field(wire, "retry-after"), "");
}

// One for each row of CLIENTS, for the plain ones, and for the override.
INSTANTIATE_TEST_SUITE_P(
    All, RefusalClient,
    testing::Values(
        ClientCase{"codex_by_originator",
                   {"x", "codex_cli_rs", {}},
                   Format::openai_responses,
                   429,
                   "usage_limit_reached"},
        ClientCase{"codex_exec",
                   {"", "codex_exec", {}},
                   Format::openai_responses,
                   429,
                   "usage_limit_reached"},
        ClientCase{"codex_by_user_agent",
                   {"codex_cli_rs/0.169.0 (Debian)", "", {}},
                   Format::openai_responses,
                   429,
                   "usage_limit_reached"},
        ClientCase{"codex_overridden",
                   {"", "codex_cli_rs", 402},
                   Format::openai_responses,
                   402,
                   "insufficient_quota"},
        ClientCase{"openai_sdk",
                   {"OpenAI/JS 6.49.0", "", {}},
                   Format::openai_chat,
                   402,
                   "insufficient_quota"},
        ClientCase{"claude_code",
                   {"claude-cli/2.1.197 (external, cli)", "", {}},
                   Format::anthropic_messages,
                   402,
                   "billing_error"},
        ClientCase{"mentions_codex",
                   {"my-codex-wrapper", "", {}},
                   Format::openai_responses,
                   402,
                   "insufficient_quota"},
        ClientCase{"overridden", {"", "", 403}, Format::anthropic_messages, 403, "billing_error"}),
    [](const testing::TestParamInfo<ClientCase>& one) { return one.param.name; });

TEST(Refusal, TellsCodexWhenTheCapResets) {
  const ClientHints codex{"", "codex_cli_rs", {}};
  const WireRefusal wire = write_refusal(Format::openai_responses, spend_refusal(), codex);
  dom::parser parser;
  std::int64_t resets_at = 0;
  ASSERT_EQ(parser.parse(wire.body).at_pointer("/error/resets_at").get_int64().get(resets_at),
            simdjson::SUCCESS);
  EXPECT_EQ(resets_at, 1796083200);
  // The client joins this and the date to one sentence.
  EXPECT_EQ(field(wire, "x-codex-promo-message"),
            "Ada has used USD 75.00 of 75.00 for November; \"resets\" Dec 1");

  Refusal stopped = spend_refusal();
  stopped.message = "Zoë's\r\nkey is stopped" + std::string(1000, 'x');
  stopped.resets_at_epoch_seconds.reset();
  const WireRefusal endless = write_refusal(Format::openai_responses, stopped, codex);
  EXPECT_EQ(endless.status, 429);
  const std::string words = field(endless, "x-codex-promo-message");
  EXPECT_TRUE(words.starts_with("Zo?'s?key is stopped")) << words;
  EXPECT_LE(words.size(), 240u);
  EXPECT_NE(parser.parse(endless.body).at_pointer("/error/resets_at").error(), simdjson::SUCCESS);
}

TEST(Refusal, OtherThanSpendIsTheSameForEveryClient) {
  Refusal refusal;
  refusal.status = 400;
  refusal.code = "bad_json";
  refusal.message = "m";
  const WireRefusal wire =
      write_refusal(Format::openai_responses, refusal, {"codex_cli_rs/1", "codex_cli_rs", 403});
  EXPECT_EQ(wire.status, 400);
  EXPECT_EQ(text_at(wire.body, "/error/type"), "invalid_request_error");
}

TEST(Refusal, WithoutAFormatIsOpenAis) {
  Refusal refusal;
  refusal.status = 404;
  refusal.code = "not_served";
  refusal.message = "Served are: …\n\"quoted\" \xff";
  const WireRefusal wire = write_plain_refusal(refusal);
  EXPECT_EQ(wire.status, 404);
  EXPECT_EQ(text_at(wire.body, "/error/code"), "not_served");
  EXPECT_EQ(text_at(wire.body, "/error/message"), "Served are: …\n\"quoted\" \xEF\xBF\xBD");
}

TEST(StreamError, IsWhatOurOwnMeterTakesForAFailure) {
  for (const Format format :
       {Format::openai_chat, Format::openai_responses, Format::anthropic_messages}) {
    StreamMeter meter(format, false);
    std::string relay;
    const std::string event = write_stream_error(format, "upstream_cut", "It \"broke\"\noff.");
    EXPECT_TRUE(meter.feed(event, relay));
    EXPECT_EQ(relay, event);
    EXPECT_TRUE(meter.between_frames());
    EXPECT_TRUE(meter.summary().provider_failed) << event;
    EXPECT_FALSE(meter.summary().usage.has_value());
  }
}

}  // namespace
}  // namespace purser::providers
