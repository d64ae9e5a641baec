// Reads of a plain stream: how each ends, whatever else goes on.
#include "tcp_stream.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "net_support.h"

namespace purser::http::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;

template <typename Result>
struct Ending {
  bool done = false;
  Result result;
};

asio::awaitable<void> read(Stream* stream, std::span<char> room, Duration timeout,
                           Ending<ReadResult>* ending) {
  ending->result = co_await stream->read_some(room, timeout);
  ending->done = true;
}

asio::awaitable<void> write(Stream* stream, const std::string* text, Duration timeout,
                            Ending<WriteResult>* ending) {
  ending->result = co_await stream->write(*text, timeout);
  ending->done = true;
}

struct Pair {
  Pair() {
    tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
    peer = std::make_unique<RawSocket>(RawSocket::connect(acceptor.local_endpoint().port(), 4096));
    stream = std::make_unique<TcpStream>(acceptor.accept());
  }
  void begin_read(Duration timeout) {
    reading = {};
    asio::co_spawn(io, read(stream.get(), room, timeout, &reading), asio::detached);
  }
  void begin_write(Duration timeout) {
    asio::co_spawn(io, write(stream.get(), &much, timeout, &writing), asio::detached);
  }
  void run_until(const bool& done) {
    io.restart();
    while (!done) ASSERT_GT(io.run_one_for(seconds(30)), 0u);
  }

  asio::io_context io{1};
  std::unique_ptr<TcpStream> stream;
  std::unique_ptr<RawSocket> peer;
  std::array<char, 100> room{};
  const std::string much = std::string(20'000'000, 'x');  // more than the kernel takes
  Ending<ReadResult> reading;
  Ending<WriteResult> writing;
};

// What was received is not handed on: it would be taken for a request.
TEST(TcpStream, AReadFailsOnceTheStreamIsClosed) {
  int closed_in_time = 0;
  for (int steps = 0; steps < 8; ++steps) {
    Pair pair;
    pair.peer->send("hello");
    pair.begin_read(seconds(30));
    for (int i = 0; i < steps; ++i) pair.io.poll_one();
    if (pair.reading.done) break;
    ++closed_in_time;
    pair.stream->close();
    pair.run_until(pair.reading.done);
    EXPECT_EQ(pair.reading.result.status, IoStatus::failed) << steps;
    EXPECT_EQ(pair.reading.result.size, 0u) << steps;
    EXPECT_EQ(pair.stream->failure_reason(), "the connection was closed on this side");
  }
  EXPECT_GT(closed_in_time, 1);
}

TEST(TcpStream, AnEndIsToldEachTime) {
  Pair pair;
  pair.begin_read(seconds(30));
  pair.io.poll();
  pair.peer->end_writing();
  pair.run_until(pair.reading.done);
  EXPECT_EQ(pair.reading.result.status, IoStatus::end);
  pair.begin_read(seconds(30));
  pair.io.restart();
  pair.io.poll();
  EXPECT_TRUE(pair.reading.done);
  EXPECT_EQ(pair.reading.result.status, IoStatus::end);
}

TEST(TcpStream, TheDeadlineOfAWriteLeavesTheReadAlone) {
  Pair pair;
  pair.begin_read(seconds(30));
  pair.begin_write(milliseconds(20));
  pair.run_until(pair.writing.done);
  EXPECT_EQ(pair.writing.result.status, IoStatus::timed_out);
  EXPECT_FALSE(pair.reading.done);
  pair.peer->send("hi");
  pair.run_until(pair.reading.done);
  EXPECT_EQ(pair.reading.result.status, IoStatus::ok);
  EXPECT_EQ(pair.reading.result.size, 2u);
}

TEST(TcpStream, TheDeadlineOfAReadLeavesTheWriteAndTheNextReadAlone) {
  Pair pair;
  pair.begin_read(milliseconds(20));
  pair.begin_write(seconds(30));
  pair.run_until(pair.reading.done);
  EXPECT_EQ(pair.reading.result.status, IoStatus::timed_out);
  EXPECT_FALSE(pair.writing.done);
  pair.begin_read(seconds(30));
  pair.peer->send("hi");
  pair.run_until(pair.reading.done);
  EXPECT_EQ(pair.reading.result.status, IoStatus::ok);
  pair.stream->close();
  pair.run_until(pair.writing.done);
  EXPECT_EQ(pair.writing.result.status, IoStatus::failed);
}

}  // namespace
}  // namespace purser::http::testing
