// The server on real sockets.
#include "purser/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

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

TEST(Server, RefusesHostileBytesAndTheClientSeesWhy) {
  RunningServer server({.handler = echo});
  for (int i = 0; i < 20; ++i) {
    RawSocket client = RawSocket::connect(server.port());
    // Far more than is read of it: without lingering the close would reset the answer away.
    client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" +
                std::string(300'000, 'x'));
    client.end_writing();
    const std::string answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 501 Not Implemented\r\n")) << answer;
    EXPECT_FALSE(client.was_reset());
  }
  EXPECT_EQ(server.counters().requests, 0u);
}

TEST(Server, DropsASlowReader) {
  ServerOptions options;
  options.limits.write_timeout = std::chrono::milliseconds{50};
  options.handler = +[](ServerExchange& exchange) -> asio::awaitable<void> {
    Fields fields;
    bool alive = co_await exchange.start(200, std::move(fields));
    const std::string piece(100'000, 's');
    while (alive) alive = co_await exchange.write(piece);
  };
  RunningServer server(std::move(options));
  RawSocket client = RawSocket::connect(server.port(), 4096);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server.counters().write_timeouts == 1u; }));
  EXPECT_TRUE(eventually([&] { return server.server().open_connections() == 0; }));
}

TEST(Server, NoticesAClientThatVanishes) {
  RunningServer server({.handler = +[](ServerExchange& exchange) -> asio::awaitable<void> {
    Fields fields;
    bool alive = co_await exchange.start(200, std::move(fields));
    const std::string piece(10'000, 's');
    while (alive) alive = co_await exchange.write(piece);
  }});
  {
    RawSocket client = RawSocket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_until("sss");
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return server.counters().clients_gone == 1u; }));
  EXPECT_TRUE(eventually([&] { return server.server().open_connections() == 0; }));
}

TEST(Server, StopsWithoutCuttingAnAnswer) {
  static std::atomic<bool> within, go_on;
  within = go_on = false;
  RunningServer server({.handler = +[](ServerExchange& exchange) -> asio::awaitable<void> {
                         within = true;
                         Fields fields;
                         co_await exchange.start(200, std::move(fields), "one");
                         asio::steady_timer timer(co_await asio::this_coro::executor);
                         while (!go_on) {
                           timer.expires_after(std::chrono::milliseconds{1});
                           co_await timer.async_wait(asio::use_awaitable);
                         }
                         co_await exchange.finish("two");
                       }},
                       2);
  RawSocket idle = RawSocket::connect(server.port());
  RawSocket busy = RawSocket::connect(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return within.load(); }));
  ASSERT_TRUE(eventually([&] { return server.server().open_connections() == 2; }));
  server.server().stop_accepting();
  EXPECT_EQ(idle.read_to_end(), "");
  ASSERT_TRUE(eventually([&] { return server.server().open_connections() == 1; }));
  EXPECT_TRUE(eventually([&] {
    try {
      RawSocket::connect(server.port());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  go_on = true;
  EXPECT_TRUE(busy.read_to_end().ends_with("3\r\ntwo\r\n0\r\n\r\n"));
  EXPECT_TRUE(eventually([&] { return server.server().open_connections() == 0; }));
}

TEST(Server, MayBeTornDownInTheMiddleOfAnything) {
  for (int round = 0; round < 10; ++round) {
    RunningServer server({.handler = +[](ServerExchange& exchange) -> asio::awaitable<void> {
                           Fields fields;
                           co_await exchange.start(200, std::move(fields), "one");
                           asio::steady_timer timer(co_await asio::this_coro::executor);
                           timer.expires_after(std::chrono::hours{1});
                           co_await timer.async_wait(asio::use_awaitable);
                         }},
                         2);
    std::vector<RawSocket> clients;
    for (int i = 0; i < 12; ++i) {
      clients.push_back(RawSocket::connect(server.port()));
      if (i % 3 == 1) clients.back().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      if (i % 3 == 2) clients.back().send("GET / HT");
    }
    ASSERT_TRUE(eventually([&] { return server.counters().requests == 4u; }));
    server.stop_threads();
    for (RawSocket& client : clients) client.read_to_end();
    EXPECT_EQ(server.server().open_connections(), 0u);
  }
}

TEST(Server, SpreadsOverItsThreadsOnOnePort) {
  RunningServer server({.handler = echo}, 2);
  std::vector<std::thread> threads;
  std::atomic<int> answered{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int connection = 0; connection < 10; ++connection) {
        RawSocket client = RawSocket::connect(server.port());
        for (int i = 0; i < 10; ++i) {
          client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
          if (client.read_answer().ends_with("hi")) ++answered;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 400);
  EXPECT_EQ(server.counters().requests, 400u);
  EXPECT_TRUE(eventually([&] { return server.server().open_connections() == 0; }));
}

TEST(Server, SaysWhyItCannotListen) {
  asio::io_context io(1);
  Server server({.handler = echo});
  EXPECT_EQ(server.listen(io, "localhost", 0).error().code, "bad_address");
  EXPECT_EQ(server.listen(io, "192.0.2.1", 0).error().code, "cannot_listen");
  EXPECT_TRUE(server.listen(io, "::1", 0).ok() || server.listen(io, "127.0.0.1", 0).ok());
}

// Its own listeners share a port; another server, which could be of the same user, may not join
// them.
TEST(Server, APortThatAnotherServerHasIsTaken) {
  asio::io_context io(1);
  Server first({.handler = echo}), second({.handler = echo});
  const auto port = first.listen(io, "127.0.0.1", 0);
  ASSERT_TRUE(port);
  EXPECT_TRUE(first.listen(io, "127.0.0.1", *port));
  const auto taken = second.listen(io, "127.0.0.1", *port);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "cannot_listen");
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
