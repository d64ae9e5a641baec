// What an exchange does on the wire: bodies, keep-alive, versions, endings.
#include <gtest/gtest.h>

#include <stdexcept>

#include "handlers.h"
#include "memory_support.h"

namespace purser::http::testing {
namespace {

namespace asio = boost::asio;

std::string head_of(const std::string& answer) { return answer.substr(0, answer.find("\r\n\r\n")); }
std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}
bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(Exchange, WritesTheHeadThatWasAsked) {
  MemoryServer server(echo);
  const std::string answer =
      server.serve({"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"});
  EXPECT_EQ(answer,
            "HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 15:04:05 GMT\r\nx-target: /a\r\n"
            "content-length: 2\r\n\r\nhi");
  EXPECT_EQ(server.wire().writes, 1u);  // head and body leave in one
  EXPECT_TRUE(server.wire().closed);
  EXPECT_EQ(server.counters().connections_open, 0u);
}

TEST(Exchange, UndoesChunks) {
  const std::string request =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=\"a b\"\r\nhello\r\n00a\r\n0123456789\r\n0\r\nX-Trailer: dropped\r\n\r\n";
  MemoryServer whole(echo);
  EXPECT_EQ(body_of(whole.serve({request})), "hello0123456789");
  MemoryServer split(echo);
  EXPECT_EQ(body_of(split.serve(split_every_byte(request))), "hello0123456789");
}

TEST(Exchange, AnswersPipelinedRequestsInOrder) {
  const std::string requests =
      "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
      "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
      "POST /4 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nfour";
  for (const bool split : {false, true}) {
    MemoryServer server(echo);
    const std::string written =
        server.serve(split ? split_every_byte(requests) : std::vector<std::string>{requests});
    EXPECT_EQ(server.counters().requests, 4u);
    const auto first = written.find("x-target: /1\r\ncontent-length: 3\r\n\r\none");
    const auto second = written.find("x-target: /2\r\ncontent-length: 0\r\n\r\n");
    const auto third = written.find("x-target: /3\r\ncontent-length: 3\r\n\r\ntwo");
    const auto fourth = written.find("x-target: /4\r\ncontent-length: 4\r\n\r\nfour");
    EXPECT_NE(fourth, std::string::npos) << written;
    EXPECT_TRUE(first < second && second < third && third < fourth) << written;
  }
}

TEST(Exchange, ClosesWhenTheClientAsks) {
  MemoryServer server(echo);
  const std::string written =
      server.serve({"GET / HTTP/1.1\r\nHost: x\r\nConnection: x-a, Close\r\n\r\nGET / "
                    "HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_TRUE(has(written, "connection: close\r\n"));
  EXPECT_EQ(server.counters().requests, 1u);
}

TEST(Exchange, ClosesToHttp10AndNeverChunks) {
  MemoryServer whole(echo);
  const std::string answer = whole.serve({"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"});
  EXPECT_TRUE(has(answer, "connection: close\r\n")) << answer;
  EXPECT_TRUE(has(answer, "content-length: 0\r\n")) << answer;

  MemoryServer streamed(stream_three);
  const std::string stream = streamed.serve({"GET / HTTP/1.0\r\nHost: x\r\n\r\n"});
  EXPECT_TRUE(has(head_of(stream), "connection: close"));
  EXPECT_FALSE(has(head_of(stream), "transfer-encoding"));
  EXPECT_EQ(body_of(stream), "onetwothree");
}

TEST(Exchange, AnswersHeadWithoutABody) {
  MemoryServer whole(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Response response{200, {}, "four"};
    co_await exchange.send(std::move(response));
  });
  const std::string answer = whole.serve({"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_TRUE(answer.ends_with("content-length: 4\r\n\r\n")) << answer;

  MemoryServer streamed(stream_three);
  const std::string stream = streamed.serve({"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_EQ(body_of(stream), "");
  EXPECT_FALSE(has(stream, "transfer-encoding"));
}

TEST(Exchange, GivesNoBodyTo204) {
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Response response{204, {}, "never"};
    co_await exchange.send(std::move(response));
  });
  const std::string answer = server.serve({"GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_FALSE(has(answer, "content-length"));
  EXPECT_FALSE(has(answer, "never"));
}

TEST(Exchange, AnswersExpectationsBeforeItReads) {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  MemoryServer waits(echo);
  const std::string answer = waits.serve({head, "hi"});
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << answer;

  MemoryServer sent_already(echo);
  EXPECT_TRUE(sent_already.serve({head + "hi"}).starts_with("HTTP/1.1 200 OK\r\n"));

  MemoryServer refuses(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Response response = error_response(401, "no_key", "Send a key.");
    co_await exchange.send(std::move(response));
  });
  const std::string refusal = refuses.serve({head});
  EXPECT_TRUE(refusal.starts_with("HTTP/1.1 401 Unauthorized\r\n")) << refusal;
}

TEST(Exchange, ClosesAfterABodyThatWasNotRead) {
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Response response = error_response(402, "paused", "No.");
    co_await exchange.send(std::move(response));
  });
  const std::string written =
      server.serve({"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 36\r\n\r\n"
                    "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_TRUE(has(written, "connection: close\r\n"));
  EXPECT_EQ(server.counters().requests, 1u);
  EXPECT_TRUE(server.wire().write_ended);  // and the client gets to see the answer
}

TEST(Exchange, SurvivesAHandlerThatThrows) {
  MemoryServer before(+[](ServerExchange&) -> asio::awaitable<void> {
    throw std::runtime_error("surprise");
    co_return;
  });
  const std::string answer =
      before.serve({"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_EQ(before.counters().handler_failures, 2u);  // the connection went on

  MemoryServer within(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Fields fields;
    co_await exchange.start(200, std::move(fields), "half");
    throw std::runtime_error("surprise");
  });
  const std::string half = within.serve({"GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_TRUE(half.ends_with("4\r\nhalf\r\n")) << half;  // visibly cut: no last chunk
  EXPECT_TRUE(within.wire().closed);
  EXPECT_EQ(within.counters().responses_aborted, 1u);
}

TEST(Exchange, AnswersForAHandlerThatForgot) {
  MemoryServer server(+[](ServerExchange&) -> asio::awaitable<void> { co_return; });
  EXPECT_TRUE(server.serve({"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}).starts_with("HTTP/1.1 500 "));
  EXPECT_EQ(server.counters().handler_failures, 1u);
}

TEST(Exchange, CutsTheConnectionWhenTwoAnswersAreGiven) {
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Response first{200, {}, "one"};
    co_await exchange.send(std::move(first));
    Response second{200, {}, "two"};
    EXPECT_FALSE(co_await exchange.send(std::move(second)));
  });
  const std::string written = server.serve({"GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_TRUE(written.ends_with("one")) << written;
  EXPECT_TRUE(server.wire().closed);
}

TEST(Exchange, ResetsAnAbortedAnswerThatOnlyTheCloseWouldEnd) {
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Fields fields;
    co_await exchange.start(200, std::move(fields), "half");
    exchange.abort();
  });
  server.serve({"GET / HTTP/1.0\r\n\r\n"});
  EXPECT_TRUE(server.wire().reset);
}

TEST(Exchange, LeavesOutFieldsThatWouldSplitTheAnswer) {
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Response response{200,
                      {{"x-good", "1"},
                       {"x-split", "a\r\nset-cookie: b"},
                       {"bad name", "c"},
                       {"Transfer-Encoding", "chunked"},
                       {"Connection", "upgrade"},
                       {"Content-Length", "999"}},
                      "ok"};
    co_await exchange.send(std::move(response));
  });
  const std::string written = server.serve({"GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_EQ(written,
            "HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 15:04:05 GMT\r\nx-good: 1\r\n"
            "content-length: 2\r\n\r\nok");
  EXPECT_EQ(server.counters().invalid_fields_dropped, 2u);
}

TEST(Exchange, TellsTheHandlerWhenTheClientIsGone) {
  static int failed_writes;
  failed_writes = 0;
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    Fields fields;
    bool alive = co_await exchange.start(200, std::move(fields));
    for (int i = 0; i < 3; ++i) {
      alive = co_await exchange.write("0123456789");
      if (!alive) ++failed_writes;
    }
  });
  server.wire().accept_bytes = 100;
  server.serve({"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_GT(failed_writes, 0);
  EXPECT_EQ(server.counters().clients_gone, 1u);
  EXPECT_EQ(server.counters().requests, 1u);
}

TEST(Exchange, HandsOverTheHeadAsItWasSent) {
  MemoryServer server(+[](ServerExchange& exchange) -> asio::awaitable<void> {
    const RequestHead& head = exchange.head();
    EXPECT_EQ(head.method, "PATCH");
    EXPECT_EQ(head.path(), "/a%2Fb");
    EXPECT_EQ(head.query(), "beta=true&x=?");
    EXPECT_EQ(head.fields.size(), 4u);
    EXPECT_EQ(head.fields[1].name, "X-CaSe");
    EXPECT_EQ(head.fields[1].value, "a \t b");
    EXPECT_EQ(head.fields.find("x-utf8"), "\xc3\xa4");
    EXPECT_EQ(head.fields.find("x-empty"), "");
    EXPECT_EQ(exchange.peer_address(), "192.0.2.1");
    Response response;
    co_await exchange.send(std::move(response));
  });
  const std::string written = server.serve(
      {"PATCH /a%2Fb?beta=true&x=? HTTP/1.1\r\nHost: [::1]:80\r\nX-CaSe: \t a \t b \t\r\n"
       "x-utf8:\xc3\xa4\r\nX-Empty:\r\n\r\n"});
  EXPECT_TRUE(written.starts_with("HTTP/1.1 200 OK\r\n")) << written;
}

}  // namespace
}  // namespace purser::http::testing
