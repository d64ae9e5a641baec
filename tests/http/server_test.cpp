// The server on real sockets.
#include "purser/http/server.h"

#include <gtest/gtest.h>

#include "handlers.h"
#include "net_support.h"

namespace purser::http::testing {
namespace {

namespace asio = boost::asio;

TEST(Server, AnswersOnAKeptConnection) {
  RunningServer server({.handler = echo});
  RawSocket client = RawSocket::connect(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    const std::string answer = client.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\ndate: ")) << answer;
    EXPECT_NE(answer.find("x-target: /a?b=c\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
  }
  EXPECT_EQ(server.counters().connections_accepted, 1u);
  EXPECT_EQ(server.counters().requests, 3u);
}

TEST(Server, StreamsInPieces) {
  RunningServer server({.handler = stream_three});
  RawSocket client = RawSocket::connect(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.read_until("0\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"))
      << answer;
}

TEST(Server, TalksToItsOwnClient) {
  RunningServer server({.handler = echo}, 2);
  asio::io_context io(1);
  Client client(io.get_executor(), {});
  const Target target =
      parse_base_url("http://127.0.0.1:" + std::to_string(server.port()) + "/base").value();
  for (int i = 0; i < 3; ++i) {
    UpstreamRequest request{"POST", "/x?y", {{"x-a", "b"}}, std::string(200'000, 'z')};
    const Fetched got = run_on(io, fetch(&client, &target, std::move(request)));
    EXPECT_EQ(got.failure, UpstreamFailure::none) << got.reason;
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.fields.find("X-Target"), "/base/x?y");
    EXPECT_EQ(got.body, std::string(200'000, 'z'));
    EXPECT_EQ(client.idle_connections(), 1u);
  }
  EXPECT_EQ(server.counters().connections_accepted, 1u);
}

}  // namespace
}  // namespace purser::http::testing
