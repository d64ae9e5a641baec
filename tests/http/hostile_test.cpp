// The two tables of hostile messages, whole and split at every byte.
#include <gtest/gtest.h>

#include "handlers.h"
#include "hostile_requests.h"
#include "hostile_responses.h"
#include "memory_support.h"

namespace purser::http::testing {
namespace {

int count_of(std::string_view text, std::string_view part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

class Hostile : public ::testing::TestWithParam<HostileRequest> {};

// A second, good request stands behind each: it must never be answered.
constexpr std::string_view kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

void expect_refused(const HostileRequest& row, std::vector<std::string> incoming) {
  MemoryServer server(echo);
  const std::string& written = server.serve(std::move(incoming));
  EXPECT_TRUE(written.starts_with("HTTP/1.1 " + std::to_string(row.status) + " ")) << written;
  EXPECT_NE(written.find("\"code\":\"" + std::string(row.code) + "\""), std::string::npos)
      << written;
  EXPECT_NE(written.find("\r\nconnection: close\r\n"), std::string::npos) << written;
  EXPECT_EQ(count_of(written, "\r\ndate: "), 1) << written;
  EXPECT_TRUE(server.wire().closed);
  EXPECT_TRUE(server.wire().write_ended);
  EXPECT_EQ(server.counters().refused_bad_request + server.counters().refused_body_too_large, 1u);
}

TEST_P(Hostile, IsRefused) {
  expect_refused(GetParam(), {std::string(GetParam().bytes) + std::string(kSmuggled)});
}

TEST_P(Hostile, IsRefusedSplitAtEveryByte) {
  expect_refused(GetParam(),
                 split_every_byte(std::string(GetParam().bytes) + std::string(kSmuggled)));
}

struct NameOf {
  std::string operator()(const auto& row) const { return row.param.name; }
};

INSTANTIATE_TEST_SUITE_P(Requests, Hostile, ::testing::ValuesIn(kHostileRequests), NameOf());

class HostileAnswer : public ::testing::TestWithParam<HostileResponse> {};

Fetched take(const HostileResponse& row, std::vector<std::string> incoming, std::size_t* idle,
             Wire* seen) {
  ManualEnv env(Instant{}, 1);
  std::deque<std::shared_ptr<Wire>> wires{std::make_shared<Wire>(&env)};
  const std::shared_ptr<Wire> wire = wires.front();
  wire->incoming.assign(incoming.begin(), incoming.end());
  wire->then = row.then;
  boost::asio::io_context io(1);
  ClientOptions options;
  options.env = &env;
  options.connector = std::make_unique<MemoryConnector>(&wires);
  Client client(io.get_executor(), std::move(options));
  const Target target{false, "upstream", 80, ""};
  UpstreamRequest request{"POST", "/v1", {}, "{}"};
  Fetched got = run_on(io, fetch(&client, &target, std::move(request)));
  *idle = client.idle_connections();
  *seen = *wire;
  return got;
}

void expect_not_taken(const HostileResponse& row, std::vector<std::string> incoming) {
  std::size_t idle = 0;
  ManualEnv unused(Instant{}, 1);
  Wire seen(&unused);
  const Fetched got = take(row, std::move(incoming), &idle, &seen);
  EXPECT_STREQ(to_text(got.failure), to_text(row.verdict)) << got.reason;
  EXPECT_FALSE(got.reason.empty());
  EXPECT_TRUE(got.may_have_been_sent);
  EXPECT_EQ(idle, 0u);
  EXPECT_TRUE(seen.closed);
  // Sent once, and never again.
  EXPECT_EQ(count_of(seen.written, "POST /v1 HTTP/1.1\r\n"), 1);
}

TEST_P(HostileAnswer, IsNotTaken) {
  expect_not_taken(GetParam(), GetParam().bytes.empty()
                                   ? std::vector<std::string>{}
                                   : std::vector<std::string>{std::string(GetParam().bytes)});
}

TEST_P(HostileAnswer, IsNotTakenSplitAtEveryByte) {
  expect_not_taken(GetParam(), split_every_byte(GetParam().bytes));
}

INSTANTIATE_TEST_SUITE_P(Responses, HostileAnswer, ::testing::ValuesIn(kHostileResponses),
                         NameOf());

}  // namespace
}  // namespace purser::http::testing
