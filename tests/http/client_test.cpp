// The client over streams in memory: what it sends, how it reads, when it reuses a connection.
#include "purser/http/client.h"

#include <gtest/gtest.h>

#include "memory_support.h"

namespace purser::http::testing {
namespace {

namespace asio = boost::asio;

class ClientTest : public ::testing::Test {
 protected:
  std::shared_ptr<Wire> add_wire(std::vector<std::string> incoming,
                                 IoStatus then = IoStatus::timed_out) {
    auto wire = std::make_shared<Wire>(&env_);
    wire->incoming.assign(incoming.begin(), incoming.end());
    wire->then = then;
    wires_.push_back(wire);
    return wire;
  }

  Client& client() {
    if (!client_) {
      options_.env = &env_;
      options_.connector = std::make_unique<MemoryConnector>(&wires_);
      client_ = std::make_unique<Client>(io_.get_executor(), std::move(options_));
    }
    return *client_;
  }

  Fetched get(std::string method = "POST", std::string body = "{}") {
    UpstreamRequest request{std::move(method), "/v1/x?y=z", {}, std::move(body)};
    return run_on(io_, fetch(&client(), &target_, std::move(request)));
  }

  ManualEnv env_{Instant{}, 1};
  asio::io_context io_{1};
  std::deque<std::shared_ptr<Wire>> wires_;
  ClientOptions options_;
  Target target_{false, "upstream", 8080, "/base"};
  std::unique_ptr<Client> client_;
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kChunked =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    "7\r\ndata: a\r\n2;x=y\r\n\n\n\r\n0009\r\ndata: b\n\n\r\n0\r\nX-T: u\r\n\r\n";
const std::string kEvents = "data: a\n\ndata: b\n\n";

TEST_F(ClientTest, WritesTheRequestItself) {
  const std::shared_ptr<Wire> wire = add_wire({kOk});
  UpstreamRequest request{"POST",
                          "/v1/x?y=z",
                          {{"Host", "elsewhere"},
                           {"X-Key", "k"},
                           {"Connection", "close"},
                           {"Content-Length", "99"},
                           {"Transfer-Encoding", "chunked"},
                           {"Expect", "100-continue"},
                           {"X-Split", "a\r\nb: c"}},
                          "hi"};
  const Fetched got = run_on(io_, fetch(&client(), &target_, std::move(request)));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(wire->written,
            "POST /base/v1/x?y=z HTTP/1.1\r\nhost: upstream:8080\r\nX-Key: k\r\n"
            "content-length: 2\r\n\r\nhi");
  EXPECT_EQ(wire->writes, 1u);
}

TEST_F(ClientTest, SendsNoLengthWithGet) {
  const std::shared_ptr<Wire> wire = add_wire({kOk});
  get("GET", "");
  EXPECT_EQ(wire->written, "GET /base/v1/x?y=z HTTP/1.1\r\nhost: upstream:8080\r\n\r\n");
}

TEST_F(ClientTest, RefusesWhatCannotBeSent) {
  for (const char* target : {"", "x", "/a b", "/a\r\nb", "/a#b"}) {
    UpstreamRequest request{"POST", target, {}, ""};
    const Fetched got = run_on(io_, fetch(&client(), &target_, std::move(request)));
    EXPECT_EQ(got.failure, UpstreamFailure::write) << target;
    EXPECT_FALSE(got.may_have_been_sent);
  }
  UpstreamRequest request{"PO ST", "/", {}, ""};
  EXPECT_EQ(run_on(io_, fetch(&client(), &target_, std::move(request))).failure,
            UpstreamFailure::write);
}

TEST_F(ClientTest, ReadsEveryFramingSplitAtEveryByte) {
  struct Row {
    std::string bytes;
    IoStatus then;
    std::string body;
    std::size_t idle_after;
  };
  const Row rows[] = {
      {kOk, IoStatus::timed_out, "ok", 1},
      {kChunked, IoStatus::timed_out, kEvents, 1},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the close", IoStatus::end, "until the close", 0},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", IoStatus::timed_out, "ok", 0},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", IoStatus::timed_out,
       "ok", 0},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", IoStatus::timed_out, "", 1},
      {"HTTP/1.1 204 No Content\r\n\r\n", IoStatus::timed_out, "", 1},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", IoStatus::timed_out, "", 1},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kOk,
       IoStatus::timed_out, "ok", 1},
  };
  for (const Row& row : rows) {
    for (const bool split : {false, true}) {
      client_.reset();
      options_ = {};
      add_wire(split ? split_every_byte(row.bytes) : std::vector<std::string>{row.bytes}, row.then);
      const Fetched got = get();
      EXPECT_EQ(got.failure, UpstreamFailure::none) << row.bytes << got.reason;
      EXPECT_EQ(got.body, row.body) << row.bytes;
      EXPECT_EQ(client().idle_connections(), row.idle_after) << row.bytes;
    }
  }
}

TEST_F(ClientTest, HandsOverOnePieceForEachRead) {
  add_wire({kChunked});
  EXPECT_EQ(get().pieces, 1u);  // three chunks that came together
}

TEST_F(ClientTest, ReadsNoBodyAfterHead) {
  add_wire({"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"});
  const Fetched got = get("HEAD", "");
  EXPECT_EQ(got.failure, UpstreamFailure::none);
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(client().idle_connections(), 1u);
}

TEST_F(ClientTest, ReusesAConnectionAfterACleanEnd) {
  const std::shared_ptr<Wire> wire = add_wire({kOk});
  EXPECT_EQ(get().body, "ok");
  EXPECT_EQ(client().idle_connections(), 1u);
  wire->answer_to_next_write = kChunked;
  EXPECT_EQ(get().body, kEvents);
  wire->answer_to_next_write = kOk;
  EXPECT_EQ(get().body, "ok");
  EXPECT_EQ(wire->writes, 3u);
}

TEST_F(ClientTest, DoesNotReuseAConnectionWithBytesLeftOver) {
  add_wire({kOk + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"});
  EXPECT_EQ(get().body, "ok");
  EXPECT_EQ(client().idle_connections(), 0u);
  add_wire({"HTTP/1.1 204 No Content\r\n\r\nbytes behind it"});
  EXPECT_EQ(get().status, 204);
  EXPECT_EQ(client().idle_connections(), 0u);
  const std::shared_ptr<Wire> chunked = add_wire({kChunked + "x"});
  EXPECT_EQ(get().body, kEvents);
  EXPECT_EQ(client().idle_connections(), 0u);
  EXPECT_TRUE(chunked.use_count() == 1);  // its stream is gone
}

TEST_F(ClientTest, DoesNotReuseAConnectionThatSpokeWhileIdle) {
  const std::shared_ptr<Wire> first = add_wire({kOk});
  EXPECT_EQ(get().body, "ok");
  EXPECT_EQ(client().idle_connections(), 1u);
  first->incoming.push_back("HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n");
  const std::shared_ptr<Wire> second = add_wire({kOk});
  EXPECT_EQ(get().status, 200);
  EXPECT_FALSE(second->written.empty());
}

TEST_F(ClientTest, DoesNotReuseAConnectionThatWasIdleTooLong) {
  const std::shared_ptr<Wire> first = add_wire({kOk});
  get();
  EXPECT_EQ(client().idle_connections(), 1u);
  env_.advance(std::chrono::seconds{15});
  const std::shared_ptr<Wire> second = add_wire({kOk});
  EXPECT_EQ(get().status, 200);
  EXPECT_FALSE(second->written.empty());
}

asio::awaitable<void> drop_unread(Client* client, const Target* target) {
  UpstreamRequest request{"POST", "/", {}, "{}"};
  const SendResult sent = co_await client->send(target, std::move(request));
  EXPECT_NE(sent.response, nullptr);
}

TEST_F(ClientTest, DoesNotReuseAConnectionWhoseBodyWasNotRead) {
  add_wire({kOk});
  asio::co_spawn(io_, drop_unread(&client(), &target_), asio::detached);
  io_.poll();
  EXPECT_EQ(client().idle_connections(), 0u);
}

TEST_F(ClientTest, TriesAnewOnlyWhereNotOneByteLeft) {
  const std::shared_ptr<Wire> stale = add_wire({kOk});
  get();
  stale->accept_bytes = 0;  // it will fail on the first byte
  const std::shared_ptr<Wire> fresh = add_wire({kOk});
  EXPECT_EQ(get().status, 200);
  EXPECT_FALSE(fresh->written.empty());

  fresh->accept_bytes = 1;
  const std::shared_ptr<Wire> unused = add_wire({kOk});
  const Fetched got = get();
  EXPECT_EQ(got.failure, UpstreamFailure::write);
  EXPECT_TRUE(got.may_have_been_sent);
  EXPECT_TRUE(unused->written.empty());
}

TEST_F(ClientTest, DoesNotTryANewConnectionTwice) {
  const std::shared_ptr<Wire> broken = add_wire({});
  broken->accept_bytes = 0;
  const std::shared_ptr<Wire> unused = add_wire({kOk});
  const Fetched got = get();
  EXPECT_EQ(got.failure, UpstreamFailure::write);
  EXPECT_FALSE(got.may_have_been_sent);
  EXPECT_TRUE(unused->written.empty());
}

TEST_F(ClientTest, TellsThatItCouldNotConnect) {
  const Fetched got = get();
  EXPECT_EQ(got.failure, UpstreamFailure::connect);
  EXPECT_FALSE(got.may_have_been_sent);
  EXPECT_EQ(got.reason, "no wire left");
}

TEST_F(ClientTest, BoundsThePool) {
  options_.pool_connections_per_target = 1;
  options_.pool_connections = 1;
  add_wire({kOk});
  get();
  EXPECT_EQ(client().idle_connections(), 1u);
  target_.host = "another";
  add_wire({kOk});
  get();
  EXPECT_EQ(client().idle_connections(), 1u);
}

TEST_F(ClientTest, BoundsTheHead) {
  options_.head_bytes = 1000;
  add_wire({"HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x')});
  EXPECT_EQ(get().failure, UpstreamFailure::too_large);
  add_wire({"HTTP/1.1 200 OK\r\nX: " + std::string(1500, 'x') + "\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_EQ(get().failure, UpstreamFailure::too_large);
}

TEST_F(ClientTest, BoundsFieldsTrailersAndChunkLines) {
  options_.field_count = 3;
  options_.trailer_bytes = 20;
  options_.chunk_line_bytes = 20;
  add_wire({"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_EQ(get().failure, UpstreamFailure::too_large);
  add_wire({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + std::string(20, 't') +
            "\r\n\r\n"});
  EXPECT_EQ(get().failure, UpstreamFailure::too_large);
  add_wire({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(21, 'e') +
            "\r\na\r\n0\r\n\r\n"});
  EXPECT_EQ(get().failure, UpstreamFailure::bad_answer);
}

TEST_F(ClientTest, KeepsToItsTimeouts) {
  options_.first_byte_timeout = std::chrono::seconds{7};
  options_.idle_timeout = std::chrono::seconds{3};
  add_wire({});
  EXPECT_EQ(get().failure, UpstreamFailure::no_answer);
  EXPECT_EQ(env_.boot_now(), std::chrono::seconds{7});
  // A head that drips does not extend its time.
  const std::shared_ptr<Wire> dripping = add_wire(split_every_byte(kOk));
  dripping->pause_between_reads = std::chrono::seconds{1};
  EXPECT_EQ(get().failure, UpstreamFailure::no_answer);
  EXPECT_EQ(env_.boot_now(), std::chrono::seconds{14});
  add_wire({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal"});
  EXPECT_EQ(get().failure, UpstreamFailure::stalled);
  EXPECT_EQ(env_.boot_now(), std::chrono::seconds{17});
}

asio::awaitable<void> read_past_the_end(Client* client, const Target* target) {
  UpstreamRequest request{"POST", "/", {}, "{}"};
  const SendResult sent = co_await client->send(target, std::move(request));
  const BodyPiece first = co_await sent.response->read_some();
  EXPECT_EQ(first.data, "ok");
  EXPECT_TRUE(first.end);
  const BodyPiece again = co_await sent.response->read_some();
  EXPECT_TRUE(again.end);
  EXPECT_EQ(again.data, "");
  EXPECT_EQ(sent.response->content_length(), 2);
}

TEST_F(ClientTest, TellsTheSameAgainAfterTheEnd) {
  add_wire({kOk});
  asio::co_spawn(io_, read_past_the_end(&client(), &target_), asio::detached);
  io_.poll();
  EXPECT_EQ(client().idle_connections(), 1u);
}

}  // namespace
}  // namespace purser::http::testing
