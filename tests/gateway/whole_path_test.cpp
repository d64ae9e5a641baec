// The way of a request, from a client's socket to a durable settle, with every part real but the
// provider, which is the sandbox.
#include <gtest/gtest.h>

#include <atomic>

#include "gateway_world.h"
#include "purser/ledger/apply.h"

namespace purser::gateway {
namespace {

constexpr const char* kSam = "Sam Rivera";
constexpr const char* kChat = "/v1/chat/completions";
constexpr const char* kMessages = "/v1/messages";

std::string chat_body(int max_tokens, bool stream = false) {
  return std::string(
             R"({"model":"sandbox/small","messages":[{"role":"user","content":"Hello"}],"max_tokens":)") +
         std::to_string(max_tokens) + (stream ? R"(,"stream":true})" : "}");
}

std::string message_body(int max_tokens, bool stream) {
  return std::string(
             R"({"model":"sandbox/large","messages":[{"role":"user","content":"Hello"}],"max_tokens":)") +
         std::to_string(max_tokens) + (stream ? R"(,"stream":true})" : "}");
}

TEST(WholePath, AnAnswerIsHeldSettledAndTold) {
  World world;
  const Answer answer = world.post(kChat, world.key_of(kSam), chat_body(50));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.field("x-purser-provider"), "sandbox");
  EXPECT_FALSE(answer.field("x-purser-request-id").empty());
  const Nanos cost = *parse_usd(answer.field("x-purser-cost-usd"));
  EXPECT_GT(cost, Nanos{0});
  world.wait_until_settled();
  for (const auto& cap : world.caps_of(kSam)) {
    EXPECT_EQ(cap.account.spent, cost) << ledger::name(cap.account.scope.kind);
    EXPECT_EQ(cap.account.held, Nanos{0});
  }
  EXPECT_EQ(*parse_usd(answer.field("x-purser-remaining-usd")), Nanos{150 * kNanosPerUsd} - cost);
}

TEST(WholePath, AStreamIsMeteredAndItsUsageHidden) {
  World world;
  const Answer answer = world.post(kChat, world.key_of(kSam), chat_body(50, true));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body.find("data: [DONE]"), std::string::npos);
  EXPECT_EQ(answer.body.find("\"usage\""), std::string::npos);
  world.wait_until_settled();
  EXPECT_GT(world.caps_of(kSam).front().account.spent, Nanos{0});
}

TEST(WholePath, AnthropicsFormatGoesTheSameWay) {
  World world;
  for (const bool stream : {false, true}) {
    const Answer answer = world.post(kMessages, world.key_of(kSam), message_body(50, stream),
                                     "anthropic-version: 2023-06-01\r\n");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(answer.body.find(stream ? "message_stop" : "\"usage\""), std::string::npos);
  }
  world.wait_until_settled();
  EXPECT_GT(world.caps_of(kSam).front().account.spent, Nanos{0});
}

TEST(WholePath, AnUnlistedBetaPassesIsCountedAndIsNamedOnceInTheAudit) {
  World world;
  for (int i = 0; i < 3; ++i) {
    const Answer answer = world.post(
        kMessages, world.key_of(kSam), message_body(50, false),
        "anthropic-version: 2023-06-01\r\nanthropic-beta: time-travel-2031, \"odd\"\r\n");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  const std::string metrics = world.gateway().metrics(http::Counters{});
  EXPECT_NE(metrics.find(R"(purser_unlisted_betas_total{beta="time-travel-2031"} 3)"),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find(R"(purser_unlisted_betas_total{beta="other"} 3)"), std::string::npos);
  world.gateway().close();
  int entries = 0;
  world.store().read([&](store::Sql& sql) {
    sql.each("SELECT target FROM audit WHERE action = 'anthropic_beta.unlisted'", {},
             [&](const store::Row& row) {
               EXPECT_EQ(row.text(0), "time-travel-2031");
               ++entries;
             });
  });
  EXPECT_EQ(entries, 1);
}

TEST(WholePath, ASpentCapRefusesAndARaiseLetsTheNextRequestPass) {
  World world;
  world.set_user_cap(kSam, Nanos{0});
  const Answer refused = world.post(kChat, world.key_of(kSam), chat_body(50));
  EXPECT_EQ(refused.status, 402);
  EXPECT_EQ(refused.field("x-should-retry"), "false");
  EXPECT_TRUE(refused.field("retry-after").empty());
  EXPECT_NE(refused.body.find("budget_exceeded"), std::string::npos) << refused.body;
  const std::string metrics = world.gateway().metrics(http::Counters{});
  EXPECT_NE(metrics.find(R"(purser_refusals_total{scope="user",code="budget_exceeded",)"),
            std::string::npos)
      << metrics;
  EXPECT_NE(refused.body.find("insufficient_quota"), std::string::npos);
  const Answer anthropic = world.post(kMessages, world.key_of(kSam), message_body(50, true));
  EXPECT_EQ(anthropic.status, 402);
  EXPECT_NE(anthropic.body.find("billing_error"), std::string::npos) << anthropic.body;

  world.set_user_cap(kSam, Nanos{kNanosPerUsd});
  EXPECT_EQ(world.post(kChat, world.key_of(kSam), chat_body(50)).status, 200);
}

TEST(WholePath, NearACapTheOutputIsLoweredAndTold) {
  World world;
  world.set_user_cap(kSam, Nanos{kNanosPerUsd / 10});
  const Answer answer = world.post(kChat, world.key_of(kSam), chat_body(60'000));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.field("x-purser-clamped").starts_with("output=")) << answer.head;
  const Answer whole_or_nothing =
      world.post(kChat, world.key_of(kSam), chat_body(60'000), "x-purser-clamp: off\r\n");
  EXPECT_EQ(whole_or_nothing.status, 402) << whole_or_nothing.body;
  const Answer unclear =
      world.post(kChat, world.key_of(kSam), chat_body(50), "x-purser-clamp: maybe\r\n");
  EXPECT_EQ(unclear.status, 400);
  EXPECT_NE(unclear.body.find("bad_clamp"), std::string::npos) << unclear.body;
}

TEST(WholePath, WhereTheBytesDoNotFitTheProvidersCountDecides) {
  World world;
  // 200,000 bytes bound the input at USD 0.60; the sandbox counts about 50,000 tokens, USD 0.15.
  world.set_user_cap(kSam, Nanos{4 * kNanosPerUsd / 10});
  const std::string text(200'000, 'a');
  const std::string body =
      R"({"model":"sandbox/large","max_tokens":1024,"messages":[{"role":"user","content":")" +
      text + R"("}]})";
  const Answer answer = world.post(kMessages, world.key_of(kSam), body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  // Chat has no counter: there the bytes decide.
  EXPECT_EQ(world.post(kChat, world.key_of(kSam), body).status, 402);
}

TEST(WholePath, WhoIsNobodyAndWhatIsUnknownIsSaid) {
  World world;
  EXPECT_EQ(world.post(kChat, "", chat_body(5)).status, 401);
  EXPECT_EQ(world.post(kChat, "psr_nonsense", chat_body(5)).status, 401);
  EXPECT_EQ(world.post(kChat, world.key_of(kSam), "{").status, 400);
  EXPECT_EQ(world.post("/v1/files", world.key_of(kSam), "{}").status, 404);
  EXPECT_EQ(world.get(kChat, world.key_of(kSam)).status, 405);
  const Answer project =
      world.post(kChat, world.key_of(kSam), chat_body(5), "x-purser-project: moon-landing\r\n");
  EXPECT_EQ(project.status, 400);
  EXPECT_NE(project.body.find("There are:"), std::string::npos) << project.body;
}

// What a task's budget leaves is the smallest room, so the answer tells it.
TEST(WholePath, ATaskWithABudgetStopsThereAndOthersGoOn) {
  World world;
  const std::string runaway = "x-purser-task: runaway\r\nx-purser-task-budget-usd: 0.001\r\n";
  const std::string later = "x-purser-task: runaway\r\nx-purser-task-budget-usd: 100\r\n";
  int answered = 0;
  Answer last;
  Nanos spent;
  // Each costs some hundred-thousandths of a USD.
  for (; answered < 200; ++answered) {
    last = world.post(kChat, world.key_of(kSam), chat_body(50), answered == 0 ? runaway : later);
    if (last.status != 200) break;
    spent += *parse_usd(last.field("x-purser-cost-usd"));
    EXPECT_LE(*parse_usd(last.field("x-purser-remaining-usd")), Nanos{kNanosPerUsd / 1000});
  }
  EXPECT_GT(answered, 2);
  EXPECT_EQ(last.status, 402) << last.body;
  EXPECT_NE(last.body.find("Task runaway"), std::string::npos) << last.body;
  EXPECT_NE(last.body.find(R"("scope":"task")"), std::string::npos) << last.body;
  EXPECT_LE(spent, Nanos{kNanosPerUsd / 1000});
  EXPECT_EQ(world.post(kChat, world.key_of(kSam), chat_body(50), "x-purser-task: other\r\n").status,
            200);
  EXPECT_EQ(world.post(kChat, world.key_of(kSam), chat_body(50)).status, 200);
}

TEST(WholePath, ABudgetIsWholeAlsoWhereTheFirstRequestsOfATaskComeAtOnce) {
  World world;
  std::atomic<std::int64_t> spent_nanos{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client)
    clients.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const Answer answer =
            world.post(kChat, world.key_of(kSam), chat_body(50),
                       "x-purser-task: swarm\r\nx-purser-task-budget-usd: 0.001\r\n");
        if (answer.status == 200)
          spent_nanos += parse_usd(answer.field("x-purser-cost-usd"))->count();
      }
    });
  for (auto& client : clients) client.join();
  world.wait_until_settled();
  EXPECT_GT(spent_nanos, 0);
  EXPECT_LE(spent_nanos, kNanosPerUsd / 1000);
  int caps = 0;
  world.store().read([&](store::Sql& sql) {
    sql.each("SELECT limit_nanos FROM caps WHERE scope_kind = 7", {}, [&](const store::Row& row) {
      EXPECT_EQ(row.integer(0), kNanosPerUsd / 1000);
      ++caps;
    });
  });
  EXPECT_EQ(caps, 1);
}

using Models = std::vector<std::string>;

TEST(WholePath, AModelThatARuleDoesNotAllowIsRefusedAndNotListed) {
  for (const auto kind : {ledger::ScopeKind::workspace, ledger::ScopeKind::team,
                          ledger::ScopeKind::user, ledger::ScopeKind::key}) {
    World world;
    EXPECT_EQ(world.post(kChat, world.key_of(kSam), chat_body(50)).status, 200);
    world.set_rule(kSam, kind, {std::nullopt, Models{"sandbox/large", "gpt-*"}});
    const Answer refused = world.post(kChat, world.key_of(kSam), chat_body(50));
    EXPECT_EQ(refused.status, 402) << refused.body;
    EXPECT_NE(refused.body.find("model_not_allowed"), std::string::npos) << refused.body;
    EXPECT_NE(refused.body.find("allowed: sandbox/large, gpt-*"), std::string::npos);
    EXPECT_NE(refused.body.find(R"("scope":")" + std::string(ledger::name(kind)) + "\""),
              std::string::npos);
    const Answer anthropic = world.post(kMessages, world.key_of(kSam), message_body(50, true));
    EXPECT_EQ(anthropic.status, 200) << "sandbox/large is allowed";
    const std::string listed = world.get("/v1/models", world.key_of(kSam)).body;
    EXPECT_NE(listed.find("sandbox/large"), std::string::npos);
    EXPECT_EQ(listed.find("sandbox/small"), std::string::npos);
    world.set_rule(kSam, kind, {});
    EXPECT_EQ(world.post(kChat, world.key_of(kSam), chat_body(50)).status, 200);
  }
}

TEST(WholePath, ARequestIsLoweredToWhatOneMayCostAndRefusedBeyond) {
  for (const auto kind : {ledger::ScopeKind::workspace, ledger::ScopeKind::team,
                          ledger::ScopeKind::user, ledger::ScopeKind::key}) {
    World world;
    world.set_rule(kSam, kind, {Nanos{kNanosPerUsd / 10}, std::nullopt});
    const Answer lowered = world.post(kChat, world.key_of(kSam), chat_body(1'000'000));
    ASSERT_EQ(lowered.status, 200) << lowered.body;
    EXPECT_TRUE(lowered.field("x-purser-clamped").starts_with("output=")) << lowered.head;
    const Answer whole =
        world.post(kChat, world.key_of(kSam), chat_body(1'000'000), "x-purser-clamp: off\r\n");
    EXPECT_EQ(whole.status, 402) << whole.body;
    EXPECT_NE(whole.body.find("request_too_expensive"), std::string::npos);
    EXPECT_NE(whole.body.find(R"("max_request_usd":"0.1")"), std::string::npos) << whole.body;
    world.wait_until_settled();
    EXPECT_EQ(world.post(kChat, world.key_of(kSam), chat_body(50)).status, 200);
    world.set_rule(kSam, kind, {Nanos{1}, std::nullopt});
    const Answer none = world.post(kMessages, world.key_of(kSam), message_body(50, false));
    EXPECT_EQ(none.status, 402);
    EXPECT_NE(none.body.find("billing_error"), std::string::npos) << none.body;
  }
}

// Where the bytes bound a request too dearly, the provider's count decides, as it does for caps.
TEST(WholePath, TheProvidersCountDecidesWhatOneRequestMayCost) {
  World world;
  // 200,000 bytes bound the input at USD 0.60; the sandbox counts about 50,000 tokens, USD 0.15.
  world.set_rule(kSam, ledger::ScopeKind::user, {Nanos{4 * kNanosPerUsd / 10}, std::nullopt});
  const std::string body =
      R"({"model":"sandbox/large","max_tokens":1024,"messages":[{"role":"user","content":")" +
      std::string(200'000, 'a') + R"("}]})";
  EXPECT_EQ(world.post(kMessages, world.key_of(kSam), body).status, 200);
  EXPECT_EQ(world.post(kChat, world.key_of(kSam), body).status, 402);
}

TEST(WholePath, ABudgetWithoutATaskOrOfNothingIsRefused) {
  World world;
  const auto refusal = [&](const char* fields) {
    const Answer answer = world.post(kChat, world.key_of(kSam), chat_body(50), fields);
    EXPECT_EQ(answer.status, 400) << fields;
    return answer.body;
  };
  EXPECT_NE(refusal("x-purser-task-budget-usd: 1\r\n").find("task_budget_without_task"),
            std::string::npos);
  for (const char* amount : {"0", "-1", "1e3", "a lot", "9999999999999999"}) {
    const std::string fields =
        std::string("x-purser-task: t\r\nx-purser-task-budget-usd: ") + amount + "\r\n";
    EXPECT_NE(refusal(fields.c_str()).find("bad_task_budget"), std::string::npos) << amount;
  }
}

TEST(WholePath, ManyAtOncePassNoCap) {
  World world;
  const Nanos limit{kNanosPerUsd / 50};
  world.set_team_cap(kSam, limit);
  constexpr int kClients = 16;
  constexpr int kRequestsEach = 12;
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client)
    clients.emplace_back([&, client] {
      for (int i = 0; i < kRequestsEach; ++i) {
        const bool stream = (client + i) % 2 == 0;
        const Answer answer =
            world.post(kChat, world.key_of(kSam), chat_body(200 + 50 * i, stream));
        if (answer.status == 200) ++answered;
        if (answer.status == 402 || answer.status == 429) ++refused;
      }
    });
  for (auto& client : clients) client.join();
  world.wait_until_settled();
  EXPECT_EQ(answered + refused, kClients * kRequestsEach);
  EXPECT_GT(answered.load(), 0);
  EXPECT_GT(refused.load(), 0);
  for (const auto& cap : world.caps_of(kSam)) {
    EXPECT_EQ(cap.account.held, Nanos{0});
    EXPECT_LE(cap.account.spent, cap.account.limit);
  }
}

}  // namespace
}  // namespace purser::gateway
