// Every limit of limits.h, crossed, and its counter.
#include "purser/http/limits.h"

#include <gtest/gtest.h>

#include "handlers.h"
#include "memory_support.h"

namespace purser::http::testing {
namespace {

namespace asio = boost::asio;

std::string get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}
std::string post(std::size_t length, std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
         std::string(body);
}
std::string post_chunked(std::string_view chunks) {
  return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}
std::string status_of(const std::string& written) {
  return written.size() > 12 ? written.substr(9, 3) : "none";
}

TEST(Limits, HeadBytes) {
  Limits limits;
  limits.head_bytes = 1000;
  const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
  const std::string fits = begin + std::string(1000 - begin.size() - 4, 'a') + "\r\n\r\n";
  const std::string larger = begin + std::string(1000 - begin.size() - 3, 'a') + "\r\n\r\n";
  MemoryServer good(echo, limits);
  EXPECT_EQ(status_of(good.serve({fits})), "200");
  MemoryServer refused(echo, limits);
  EXPECT_EQ(status_of(refused.serve({larger})), "431");
  EXPECT_EQ(refused.counters().refused_head_too_large, 1u);
  MemoryServer endless(echo, limits);
  endless.wire().then = IoStatus::timed_out;
  EXPECT_EQ(status_of(endless.serve({begin + std::string(2000, 'a')})), "431");
}

TEST(Limits, FieldCount) {
  Limits limits;
  limits.field_count = 5;
  MemoryServer good(echo, limits);
  EXPECT_EQ(status_of(good.serve({get("/", "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n")})), "200");
  MemoryServer refused(echo, limits);
  EXPECT_EQ(status_of(refused.serve({get("/", "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n")})),
            "431");
  EXPECT_EQ(refused.counters().refused_too_many_fields, 1u);
}

TEST(Limits, TargetBytes) {
  Limits limits;
  limits.target_bytes = 100;
  MemoryServer good(echo, limits);
  EXPECT_EQ(status_of(good.serve({get("/" + std::string(99, 'a'))})), "200");
  MemoryServer refused(echo, limits);
  EXPECT_EQ(status_of(refused.serve({get("/" + std::string(100, 'a'))})), "414");
  EXPECT_EQ(refused.counters().refused_target_too_long, 1u);
  MemoryServer endless(echo);
  EXPECT_EQ(status_of(endless.serve({"GET /" + std::string(40'000, 'a')})), "414");
}

TEST(Limits, BodyBytes) {
  Limits limits;
  limits.body_bytes = 100;
  const std::string body(100, 'b');
  MemoryServer good(echo, limits);
  EXPECT_EQ(status_of(good.serve({post(100, body)})), "200");
  MemoryServer refused(echo, limits);
  EXPECT_EQ(status_of(refused.serve({post(101, body + "b")})), "413");
  EXPECT_EQ(refused.counters().refused_body_too_large, 1u);
  MemoryServer chunked_good(echo, limits);
  EXPECT_EQ(status_of(chunked_good.serve({post_chunked("64\r\n" + body + "\r\n0\r\n\r\n")})),
            "200");
  MemoryServer chunked(echo, limits);
  EXPECT_EQ(status_of(chunked.serve({post_chunked("64\r\n" + body + "\r\n1\r\nb\r\n0\r\n\r\n")})),
            "413");
  EXPECT_EQ(chunked.counters().refused_body_too_large, 1u);
}

TEST(Limits, BufferedBytes) {
  Limits limits;
  limits.buffered_bytes = 100;
  MemoryServer good(echo, limits);
  EXPECT_EQ(status_of(good.serve({post(100, std::string(100, 'b'))})), "200");
  EXPECT_EQ(good.counters().buffered_bytes, 0u);
  MemoryServer refused(echo, limits);
  EXPECT_EQ(status_of(refused.serve({post(101, std::string(101, 'b'))})), "503");
  EXPECT_EQ(refused.counters().refused_buffered_full, 1u);
  EXPECT_EQ(refused.counters().buffered_bytes, 0u);
  MemoryServer chunked(echo, limits);
  EXPECT_EQ(
      status_of(chunked.serve({post_chunked("65\r\n" + std::string(101, 'b') + "\r\n0\r\n\r\n")})),
      "503");
}

TEST(Limits, BufferedBytesAreHeldUntilTheAnswer) {
  static MemoryServer* current;
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Result<std::string> body = co_await exchange.read_body(1000);
    EXPECT_TRUE(body.ok());
    EXPECT_GE(current->counters().buffered_bytes, 500u);
    Response response;
    co_await exchange.send(std::move(response));
  });
  current = &server;
  server.serve({post(500, std::string(500, 'b'))});
  EXPECT_EQ(server.counters().requests, 1u);
  EXPECT_EQ(server.counters().buffered_bytes, 0u);
}

TEST(Limits, ChunkLineBytes) {
  Limits limits;
  limits.chunk_line_bytes = 20;
  const std::string fits = "3;" + std::string(20, 'e') + "\r\nabc\r\n";
  const std::string larger = "3;" + std::string(21, 'e') + "\r\nabc\r\n";
  MemoryServer good(echo, limits);
  EXPECT_EQ(status_of(good.serve({post_chunked(fits + "0\r\n\r\n")})), "200");
  MemoryServer refused(echo, limits);
  EXPECT_EQ(status_of(refused.serve({post_chunked(larger + "0\r\n\r\n")})), "400");
  EXPECT_EQ(refused.counters().refused_bad_request, 1u);
  // Of a whole body: sixteen such lines.
  std::string many;
  for (int i = 0; i < 16; ++i) many += fits;
  MemoryServer sixteen(echo, limits);
  EXPECT_EQ(status_of(sixteen.serve({post_chunked(many + "0\r\n\r\n")})), "200");
  MemoryServer seventeen(echo, limits);
  EXPECT_EQ(status_of(seventeen.serve({post_chunked(many + fits + "0\r\n\r\n")})), "400");
}

TEST(Limits, TrailerBytes) {
  Limits limits;
  limits.trailer_bytes = 50;
  MemoryServer good(echo, limits);
  EXPECT_EQ(status_of(good.serve({post_chunked("0\r\nA: " + std::string(40, 't') + "\r\n\r\n")})),
            "200");
  MemoryServer refused(echo, limits);
  EXPECT_EQ(
      status_of(refused.serve({post_chunked("0\r\nA: " + std::string(60, 't') + "\r\n\r\n")})),
      "400");
  EXPECT_EQ(refused.counters().refused_bad_request, 1u);
}

TEST(Limits, RequestsPerConnection) {
  Limits limits;
  limits.requests_per_connection = 2;
  MemoryServer server(echo, limits);
  const std::string written = server.serve({get("/1"), get("/2"), get("/3")});
  EXPECT_EQ(server.counters().requests, 2u);
  EXPECT_EQ(server.counters().requests_per_connection_reached, 1u);
  EXPECT_GT(written.find("connection: close"), written.find("/2"));
}

TEST(Limits, HeadTimeout) {
  MemoryServer silent(echo);
  silent.wire().then = IoStatus::timed_out;
  EXPECT_EQ(status_of(silent.serve({"GET / HTTP/1.1\r\nHo"})), "408");
  EXPECT_EQ(silent.counters().head_timeouts, 1u);
  // A byte now and then does not help: the time is for the whole head.
  MemoryServer slow(echo);
  slow.wire().pause_between_reads = std::chrono::seconds{3};
  EXPECT_EQ(status_of(slow.serve(split_every_byte(get("/")))), "408");
  EXPECT_EQ(slow.counters().head_timeouts, 1u);
  EXPECT_EQ(slow.counters().requests, 0u);
}

TEST(Limits, IdleTimeout) {
  MemoryServer server(echo);
  server.wire().then = IoStatus::timed_out;
  const Duration begin = server.env().boot_now();
  EXPECT_EQ(status_of(server.serve({get("/")})), "200");
  EXPECT_EQ(server.counters().idle_timeouts, 1u);
  EXPECT_EQ(server.env().boot_now() - begin, Limits{}.idle_timeout);
  EXPECT_TRUE(server.wire().closed);
}

TEST(Limits, BodyIdleTimeout) {
  for (const std::string& request : {post(10, "half"), post_chunked("5\r\nhel")}) {
    MemoryServer server(echo);
    server.wire().then = IoStatus::timed_out;
    EXPECT_EQ(status_of(server.serve({request})), "408");
    EXPECT_EQ(server.counters().body_timeouts, 1u);
  }
}

TEST(Limits, BodyTotalTimeout) {
  MemoryServer server(echo);
  std::vector<std::string> slow = split_every_byte(std::string(1000, 'b'));
  slow.insert(slow.begin(), post(1000, ""));
  server.wire().pause_between_reads = std::chrono::seconds{5};
  EXPECT_EQ(status_of(server.serve(std::move(slow))), "408");
  EXPECT_EQ(server.counters().body_timeouts, 1u);
}

TEST(Limits, WriteTimeout) {
  MemoryServer server(stream_three);
  server.wire().accept_bytes = 130;
  server.wire().write_fails = IoStatus::timed_out;
  server.serve({get("/")});
  EXPECT_EQ(server.counters().write_timeouts, 1u);
  EXPECT_TRUE(server.wire().reset);
}

TEST(Limits, LingerBytes) {
  Limits limits;
  limits.linger_bytes = 100'000;
  MemoryServer server(echo, limits);
  std::vector<std::string> flood{"GET * HTTP/1.1\r\nHost: x\r\n\r\n"};
  for (int i = 0; i < 100; ++i) flood.emplace_back(4096, 'f');
  EXPECT_EQ(status_of(server.serve(std::move(flood))), "400");
  EXPECT_EQ(server.counters().lingers_cut, 1u);
  EXPECT_GT(server.wire().incoming.size(), 60u);  // the rest was not read
}

TEST(Limits, LingerTimeout) {
  MemoryServer server(echo);
  server.wire().then = IoStatus::timed_out;
  const Duration begin = server.env().boot_now();
  EXPECT_EQ(status_of(server.serve({"GET * HTTP/1.1\r\nHost: x\r\n\r\n"})), "400");
  EXPECT_EQ(server.counters().lingers_cut, 1u);
  EXPECT_EQ(server.env().boot_now() - begin, Limits{}.linger_timeout);
}

TEST(Limits, Connections) {
  Limits limits;
  limits.connections = 2;
  RunningServer server({.handler = echo, .limits = limits});
  RawSocket first = RawSocket::connect(server.port());
  {
    RawSocket second = RawSocket::connect(server.port());
    ASSERT_TRUE(eventually([&] { return server.server().open_connections() == 2; }));
    RawSocket third = RawSocket::connect(server.port());
    const std::string answer = third.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
    EXPECT_TRUE(answer.find("too_many_connections") != std::string::npos) << answer;
    EXPECT_EQ(server.counters().refused_connections, 1u);
  }
  ASSERT_TRUE(eventually([&] { return server.server().open_connections() == 1; }));
  RawSocket fourth = RawSocket::connect(server.port());
  fourth.send(get("/"));
  EXPECT_EQ(status_of(fourth.read_answer()), "200");
}

}  // namespace
}  // namespace purser::http::testing
