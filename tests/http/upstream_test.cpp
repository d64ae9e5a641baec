// The client on real sockets, against a responder that plays each byte itself.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net_support.h"

namespace purser::http::testing {
namespace {

namespace asio = boost::asio;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void read_request(RawSocket& socket) { socket.read_until("\r\n\r\n{}"); }

class UpstreamTest : public ::testing::Test {
 protected:
  Client& client() {
    if (!client_) client_ = std::make_unique<Client>(io_.get_executor(), std::move(options_));
    return *client_;
  }
  Fetched get(std::uint16_t port, std::string host = "127.0.0.1") {
    const Target target{false, std::move(host), port, ""};
    UpstreamRequest request{"POST", "/", {}, "{}"};
    return run_on(io_, fetch(&client(), &target, std::move(request)));
  }

  asio::io_context io_{1};
  ClientOptions options_;
  std::unique_ptr<Client> client_;
};

TEST_F(UpstreamTest, ResolvesNames) {
  RawResponder upstream([](RawSocket& socket, int) {
    read_request(socket);
    socket.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  });
  EXPECT_EQ(get(upstream.port(), "localhost").body, "ok");
  EXPECT_EQ(get(upstream.port(), "localhost").body, "ok");  // from the cache
  EXPECT_EQ(upstream.accepted(), 2);
}

TEST_F(UpstreamTest, TellsThatANameDoesNotResolve) {
  const Fetched got = get(80, "no-such-host.invalid");
  EXPECT_EQ(got.failure, UpstreamFailure::resolve);
  EXPECT_FALSE(got.may_have_been_sent);
  EXPECT_NE(got.reason.find("no-such-host.invalid"), std::string::npos);
}

TEST_F(UpstreamTest, TellsThatNobodyListens) {
  std::uint16_t port = 0;
  {
    RawResponder gone([](RawSocket&, int) {});
    port = gone.port();
  }
  const Fetched got = get(port);
  EXPECT_EQ(got.failure, UpstreamFailure::connect);
  EXPECT_FALSE(got.may_have_been_sent);
  EXPECT_FALSE(got.reason.empty());
}

TEST_F(UpstreamTest, GivesUpConnectingInTime) {
  // A listener whose queue is full leaves further connections unanswered.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const std::uint16_t port = ntohs(address.sin_port);
  const RawSocket fills_the_queue = RawSocket::connect(port);
  options_.connect_timeout = std::chrono::milliseconds{60};
  const Fetched got = get(port);
  EXPECT_EQ(got.failure, UpstreamFailure::connect) << got.reason;
  ::close(listener);
}

TEST_F(UpstreamTest, TellsACutFromAReset) {
  RawResponder upstream([](RawSocket& socket, int connection) {
    read_request(socket);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    if (connection == 1) socket.reset();
  });
  const Fetched cut = get(upstream.port());
  EXPECT_EQ(cut.failure, UpstreamFailure::cut);
  EXPECT_EQ(cut.body, "half");
  EXPECT_NE(cut.reason.find("closed the connection"), std::string::npos) << cut.reason;
  EXPECT_EQ(get(upstream.port()).failure, UpstreamFailure::cut);
  EXPECT_EQ(client().idle_connections(), 0u);
}

TEST_F(UpstreamTest, TellsAStall) {
  options_.first_byte_timeout = std::chrono::milliseconds{50};
  options_.idle_timeout = std::chrono::milliseconds{50};
  RawResponder upstream([](RawSocket& socket, int connection) {
    read_request(socket);
    if (connection == 1) socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    socket.read_to_end();
  });
  EXPECT_EQ(get(upstream.port()).failure, UpstreamFailure::no_answer);
  const Fetched stalled = get(upstream.port());
  EXPECT_EQ(stalled.failure, UpstreamFailure::stalled);
  EXPECT_EQ(stalled.body, "half");
}

TEST_F(UpstreamTest, TellsThatTheRequestIsNotTaken) {
  static std::atomic<bool> given_up;
  given_up = false;
  options_.write_timeout = std::chrono::milliseconds{50};
  RawResponder upstream([](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    eventually([] { return given_up.load(); });
  });
  const Target target{false, "127.0.0.1", upstream.port(), ""};
  UpstreamRequest request{"POST", "/", {}, std::string(std::size_t{64} << 20, 'r')};
  const Fetched got = run_on(io_, fetch(&client(), &target, std::move(request)));
  given_up = true;
  EXPECT_EQ(got.failure, UpstreamFailure::write);
  EXPECT_TRUE(got.may_have_been_sent);
}

TEST_F(UpstreamTest, OpensANewConnectionWhereTheOldOneWasClosed) {
  std::atomic<bool> closed{false};
  RawResponder upstream([&](RawSocket& socket, int) {
    read_request(socket);
    socket.send(kOk);
    socket.reset();
    closed = true;
  });
  for (int i = 0; i < 5; ++i) {
    closed = false;
    EXPECT_EQ(get(upstream.port()).body, "ok");
    ASSERT_TRUE(eventually([&] { return closed.load(); }));
  }
  EXPECT_EQ(upstream.accepted(), 5);
}

TEST_F(UpstreamTest, RelaysEventsAsTheyCome) {
  // The responder sends the second event only after the first has been read.
  static std::atomic<int> seen;
  seen = 0;
  RawResponder upstream([&](RawSocket& socket, int) {
    read_request(socket);
    socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    if (!eventually([] { return seen == 3; })) return;
    socket.send("3\r\ntwo\r\n");
    if (!eventually([] { return seen == 6; })) return;
    socket.send("0\r\n\r\n");
    socket.read_to_end();
  });
  const Target target{false, "127.0.0.1", upstream.port(), ""};
  struct Reader {
    static asio::awaitable<bool> read(Client* client, const Target* to) {
      UpstreamRequest request{"POST", "/", {}, "{}"};
      const SendResult sent = co_await client->send(to, std::move(request));
      for (;;) {
        const BodyPiece piece = co_await sent.response->read_some();
        seen += static_cast<int>(piece.data.size());
        if (piece.failure != UpstreamFailure::none) co_return false;
        if (piece.end) co_return true;
      }
    }
  };
  EXPECT_TRUE(run_on(io_, Reader::read(&client(), &target)));
  EXPECT_EQ(seen, 6);
  client().close_idle();
}

TEST_F(UpstreamTest, ClosesIdleConnectionsByItself) {
  options_.pool_idle_timeout = std::chrono::milliseconds{30};
  RawResponder upstream([](RawSocket& socket, int) {
    read_request(socket);
    socket.send(kOk);
    socket.read_to_end();
  });
  EXPECT_EQ(get(upstream.port()).body, "ok");
  EXPECT_EQ(client().idle_connections(), 1u);
  io_.restart();
  while (client().idle_connections() > 0) ASSERT_GT(io_.run_one_for(kPatience), 0u);
}

asio::awaitable<void> hold_an_answer(Client* client, const Target* target, bool* began) {
  UpstreamRequest request{"POST", "/", {}, "{}"};
  const SendResult sent = co_await client->send(target, std::move(request));
  const BodyPiece piece = co_await sent.response->read_some();
  EXPECT_TRUE(piece.end);
  *began = true;
  // Ends with the io_context; the response, whose connection could be pooled, goes then.
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::hours{1});
  co_await timer.async_wait(asio::use_awaitable);
}

TEST_F(UpstreamTest, MayOutliveItsIoContext) {
  for (const bool with_pooled : {false, true}) {
    RawResponder upstream([](RawSocket& socket, int) {
      while (socket.read_until("\r\n\r\n{}").ends_with("{}")) socket.send(kOk);
    });
    const Target target{false, "127.0.0.1", upstream.port(), ""};
    auto io = std::make_unique<asio::io_context>(1);
    Client outliving(io->get_executor(), {});
    if (with_pooled) {
      UpstreamRequest request{"POST", "/", {}, "{}"};
      EXPECT_EQ(run_on(*io, fetch(&outliving, &target, std::move(request))).body, "ok");
      EXPECT_EQ(outliving.idle_connections(), 1u);
    } else {
      bool began = false;
      asio::co_spawn(*io, hold_an_answer(&outliving, &target, &began), asio::detached);
      io->restart();
      while (!began) ASSERT_GT(io->run_one_for(kPatience), 0u);
    }
    io.reset();
    EXPECT_EQ(outliving.idle_connections(), 0u);
    outliving.close_idle();
  }
}

}  // namespace
}  // namespace purser::http::testing
