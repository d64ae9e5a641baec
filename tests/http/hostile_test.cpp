// The tables of tests/hostile at this module: each row whole and split at every byte. The rows in
// which the gateway has a word too are passed through it by tests/suites/hostile, as are all
// others.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "handlers.h"
#include "hostile_table.h"
#include "memory_support.h"

namespace purser::http::testing {
namespace {

std::string part_between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  return std::string(text.substr(0, text.find(after)));
}

// "200, 400 bad_field": the answers in what a server has written, as the table writes them.
std::string answers_in(std::string_view written) {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  std::string found;
  while (!written.empty()) {
    if (written.starts_with(kContinue)) {
      written.remove_prefix(kContinue.size());
      continue;
    }
    const std::size_t head_end = written.find("\r\n\r\n");
    const std::string length = part_between(written, "\r\ncontent-length: ", "\r\n");
    if (head_end == std::string_view::npos || length.empty()) return found + " and garbage";
    const std::size_t size = head_end + 4 + std::stoul(length);
    const std::string_view answer = written.substr(0, size);
    const std::string status(answer.substr(9, 3));
    found += (found.empty() ? "" : ", ") + status;
    if (status != "200") found += " " + part_between(answer, "\"code\":\"", "\"");
    written.remove_prefix(std::min(size, written.size()));
  }
  return found.empty() ? "-" : found;
}

struct NameOf {
  std::string operator()(const auto& row) const { return row.param.name; }
};

class Hostile : public ::testing::TestWithParam<HostileRow> {
 protected:
  std::string incoming() const {
    const HostileRow& row = GetParam();
    return row.then.empty() ? row.bytes + next_request(row.name) : row.bytes;
  }

  void expect_answers(std::vector<std::string> pieces) {
    const std::string& wanted = GetParam().columns[0];
    MemoryServer server(echo);
    server.wire().then = GetParam().then == "wait" ? IoStatus::timed_out : IoStatus::end;
    const std::string& written = server.serve(std::move(pieces));
    EXPECT_EQ(answers_in(written), wanted) << written.substr(0, 2000);
    EXPECT_TRUE(server.wire().closed);
    if (wanted.ends_with("200") || wanted == "-" || wanted.ends_with("client_gone")) return;
    // Refused, told so, and closed in a way in which the client gets to see it.
    EXPECT_NE(written.find("\r\nconnection: close\r\n"), std::string::npos) << written;
    EXPECT_TRUE(server.wire().write_ended);
    const Counters& counters = server.counters();
    EXPECT_EQ(counters.refused_bad_request + counters.refused_body_too_large +
                  counters.refused_head_too_large + counters.refused_too_many_fields +
                  counters.refused_target_too_long + counters.head_timeouts +
                  counters.body_timeouts,
              1u);
  }
};

TEST_P(Hostile, IsAnsweredAsTheTableSays) { expect_answers({incoming()}); }

TEST_P(Hostile, IsAnsweredAsTheTableSaysSplitAtEveryByte) {
  expect_answers(split_every_byte(incoming()));
}

// An empty piece would be the end of the stream.
std::vector<std::string> whole(const std::string& bytes) {
  return bytes.empty() ? std::vector<std::string>{} : std::vector<std::string>{bytes};
}

std::vector<HostileRow> requests_for_http() {
  std::vector<HostileRow> rows = read_hostile_requests();
  std::erase_if(
      rows, [](const HostileRow& row) { return row.columns[0].find('(') != row.columns[0].npos; });
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Requests, Hostile, ::testing::ValuesIn(requests_for_http()), NameOf());

IoStatus status_behind(const HostileRow& row) {
  if (row.then == "end") return IoStatus::end;
  return row.then == "reset" ? IoStatus::failed : IoStatus::timed_out;
}

// A client whose upstream answers with the row, and to the next request with "next".
class HostileAnswer : public ::testing::TestWithParam<HostileRow> {
 protected:
  static constexpr const char* kNext = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";

  void expect_verdict(std::vector<std::string> incoming) {
    const std::string& wanted = GetParam().columns[0];
    const std::shared_ptr<Wire> wire = wires_.emplace_back(std::make_shared<Wire>(&env_));
    wire->incoming.assign(incoming.begin(), incoming.end());
    wire->then = status_behind(GetParam());
    wires_.emplace_back(std::make_shared<Wire>(&env_))->answer_to_next_write = kNext;
    ClientOptions options;
    options.env = &env_;
    options.connector = std::make_unique<MemoryConnector>(&wires_);
    boost::asio::io_context io(1);
    Client client(io.get_executor(), std::move(options));

    const Fetched got = send(io, client);
    EXPECT_STREQ(to_text(got.failure), wanted.c_str()) << got.reason;
    EXPECT_EQ(wire->written.find("POST /v1 ", 1), std::string::npos) << "sent twice";
    if (wanted != "none") {
      EXPECT_FALSE(got.reason.empty());
      EXPECT_TRUE(got.may_have_been_sent);
      EXPECT_EQ(client.idle_connections(), 0u);
      EXPECT_TRUE(wire->closed);
    }
    // On the same connection, or on another; never with what was left over.
    wire->answer_to_next_write = kNext;
    const Fetched next = send(io, client);
    EXPECT_EQ(next.body, "next") << next.reason;
  }

 private:
  Fetched send(boost::asio::io_context& io, Client& client) {
    UpstreamRequest request{"POST", "/v1", {}, "{}"};
    return run_on(io, fetch(&client, &target_, std::move(request)));
  }

  const Target target_{false, "upstream", 80, ""};
  ManualEnv env_{Instant{}, 1};
  std::deque<std::shared_ptr<Wire>> wires_;
};

TEST_P(HostileAnswer, IsTakenAsTheTableSays) { expect_verdict(whole(GetParam().bytes)); }

TEST_P(HostileAnswer, IsTakenAsTheTableSaysSplitAtEveryByte) {
  // Nine million reads of a byte would show nothing that the first hundred thousand do not.
  if (GetParam().bytes.size() > 200'000) GTEST_SKIP();
  expect_verdict(split_every_byte(GetParam().bytes));
}

INSTANTIATE_TEST_SUITE_P(Answers, HostileAnswer, ::testing::ValuesIn(read_hostile_answers()),
                         NameOf());

TEST(HostileTables, AreAsLargeAsTheyMustBe) {
  EXPECT_GE(read_hostile_requests().size(), 200u);
  EXPECT_GE(read_hostile_answers().size(), 60u);
}

}  // namespace
}  // namespace purser::http::testing
