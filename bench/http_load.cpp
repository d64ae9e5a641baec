// Load from one thread, and how long each answer took. Closed: every connection sends its next
// request when it has its answer. Open (--rate): requests are due at a steady pace whether answers
// come or not, and each is timed from when it was due, so that a stall counts for all whom it kept
// waiting (coordinated omission). Keys rotate from request to request.
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "figures.h"
#include "message_reader.h"
#include "sockets.h"

namespace purser::bench {
namespace {

constexpr std::uint64_t kNanosASecond = 1'000'000'000;
constexpr std::uint64_t kLastAnswersNs = 20 * kNanosASecond;

struct Options {
  int port = 0;
  int connections = 64;
  int rate = 0;  // a second; 0: closed
  int status = 200;
  std::string path;
  std::string body;
  std::vector<std::string> keys;
};

struct Connection {
  int socket = -1;
  std::string head;
  std::size_t sent = 0;  // of head and body together
  bool writes = false;
  std::uint64_t began_ns = 0;  // when it was due
  MessageReader answer;
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)) {
    for (int i = 0; i < options_.connections; ++i) {
      auto connection = std::make_unique<Connection>();
      connection->socket = connect_to(options_.port);
      poller_.add(connection->socket, connection.get());
      idle_.push_back(connection.get());
      connections_.push_back(std::move(connection));
    }
  }

  // On the same connections again: what was measured before is forgotten.
  void run(int milliseconds) {
    took_ns_.clear();
    due_count_ = 0;
    began_cpu_s_ = cpu_seconds();
    began_ns_ = now_ns();
    end_ns_ = began_ns_ + static_cast<std::uint64_t>(milliseconds) * 1'000'000;
    next_due_ns_ = began_ns_;
    std::array<epoll_event, 256> events;
    for (std::uint64_t now = began_ns_; now < end_ns_ + kLastAnswersNs; now = now_ns()) {
      send_what_is_due(now);
      if (now >= end_ns_ && idle_.size() == connections_.size() && due_.empty()) break;
      const bool paced = options_.rate > 0 && now < end_ns_;
      const std::uint64_t until =
          paced ? std::min(next_due_ns_, end_ns_) : std::max(end_ns_, now + kNanosASecond);
      const int found = poller_.wait(events.data(), events.size(), until);
      for (int i = 0; i < found; ++i) {
        auto& connection = *static_cast<Connection*>(events[i].data.ptr);
        if ((events[i].events & EPOLLOUT) != 0) write(connection);
        if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(connection);
      }
    }
  }

  void print() {
    const std::size_t unanswered = connections_.size() - idle_.size() + due_.size();
    std::sort(took_ns_.begin(), took_ns_.end());
    const auto percentile_us = [this](double part) {
      if (took_ns_.empty()) return 0.0;
      const auto at = static_cast<std::size_t>(part * static_cast<double>(took_ns_.size()));
      return static_cast<double>(took_ns_[std::min(at, took_ns_.size() - 1)]) / 1000;
    };
    const double seconds = static_cast<double>(last_ns_ - began_ns_) / 1e9;
    std::printf(
        "{\"requests\":%zu,\"per_s\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,"
        "\"p999_us\":%.1f,\"max_us\":%.1f,\"unanswered\":%zu,\"load_cpu_s\":%.3f}\n",
        took_ns_.size(), static_cast<double>(took_ns_.size()) / seconds, percentile_us(0.5),
        percentile_us(0.9), percentile_us(0.99), percentile_us(0.999), percentile_us(1), unanswered,
        cpu_seconds());
  }

 private:
  void send_what_is_due(std::uint64_t now) {
    if (options_.rate == 0) {
      while (now < end_ns_ && !idle_.empty()) start(now);
      return;
    }
    for (; next_due_ns_ <= now && next_due_ns_ < end_ns_;
         next_due_ns_ =
             began_ns_ + ++due_count_ * kNanosASecond / static_cast<unsigned>(options_.rate))
      due_.push_back(next_due_ns_);
    while (!due_.empty() && !idle_.empty()) {
      start(due_.front());
      due_.pop_front();
    }
  }

  void start(std::uint64_t due_ns) {
    Connection& connection = *idle_.back();
    idle_.pop_back();
    connection.began_ns = due_ns;
    connection.sent = 0;
    connection.answer.begin();
    connection.head = "POST " + options_.path +
                      " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                      "Authorization: Bearer " +
                      options_.keys[next_key_++ % options_.keys.size()] +
                      "\r\nContent-Length: " + std::to_string(options_.body.size()) + "\r\n\r\n";
    write(connection);
  }

  void write(Connection& connection) {
    const std::string& head = connection.head;
    const std::string& body = options_.body;
    while (connection.sent < head.size() + body.size()) {
      const std::size_t of_head = std::min(connection.sent, head.size());
      const std::size_t of_body = connection.sent - of_head;
      std::array<iovec, 2> parts{
          {{const_cast<char*>(head.data()) + of_head, head.size() - of_head},
           {const_cast<char*>(body.data()) + of_body, body.size() - of_body}}};
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = parts.size();
      const ssize_t sent = sendmsg(connection.socket, &message, MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return wait_for_room(connection, true);
      if (sent < 0) fail("the server closed a connection in the middle of a request");
      connection.sent += static_cast<std::size_t>(sent);
    }
    wait_for_room(connection, false);
  }

  void wait_for_room(Connection& connection, bool waits) {
    if (connection.writes == waits) return;
    connection.writes = waits;
    poller_.change(connection.socket, &connection, waits);
  }

  void read(Connection& connection) {
    for (;;) {
      const ssize_t size = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) fail("the server closed a connection");
      const auto bytes = static_cast<std::size_t>(size);
      connection.answer.take({buffer_.data(), bytes});
      if (connection.answer.complete()) return end(connection);
      if (bytes < buffer_.size()) return;
    }
  }

  void end(Connection& connection) {
    if (connection.answer.status() != options_.status) {
      std::fprintf(stderr,
                   "http_load: an answer was not %d, so the figures would mean nothing:\n%s%s\n",
                   options_.status, connection.answer.head().c_str(),
                   connection.answer.body_start().c_str());
      std::exit(1);
    }
    last_ns_ = now_ns();
    took_ns_.push_back(last_ns_ - connection.began_ns);
    idle_.push_back(&connection);
    if (last_ns_ < end_ns_ && (options_.rate == 0 || !due_.empty())) send_what_is_due(last_ns_);
  }

  Options options_;
  Poller poller_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  std::deque<std::uint64_t> due_;
  std::uint64_t began_ns_ = 0, end_ns_ = 0, last_ns_ = 0, next_due_ns_ = 0, due_count_ = 0;
  double began_cpu_s_ = 0;
  std::size_t next_key_ = 0;
  std::vector<std::uint64_t> took_ns_;
  std::array<char, 256 * 1024> buffer_;
};

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace
}  // namespace purser::bench

int main(int argc, char** argv) {
  using namespace purser::bench;
  Flags flags(
      argc, argv,
      "http_load --port N --keys FILE --body FILE [--path PATH]\n"
      "                 [--connections N] [--rate N] [--status N]   < lines of milliseconds");
  Options options;
  options.port = flags.number("--port", 0);
  options.connections = flags.number("--connections", options.connections);
  options.rate = std::atoi(flags.text("--rate", "0").c_str());
  options.status = flags.number("--status", options.status);
  options.path = flags.text("--path", "/v1/chat/completions");
  const std::string keys = flags.text("--keys", ""), body = flags.text("--body", "");
  flags.end();
  options.body = contents(body);
  std::ifstream lines(keys);
  for (std::string key; std::getline(lines, key);) options.keys.push_back(key);
  if (options.keys.empty()) fail("there are no keys in " + keys);
  const auto load = std::make_unique<Load>(std::move(options));
  for (int milliseconds = 0; std::scanf("%d", &milliseconds) == 1;) {
    load->run(milliseconds);
    load->print();
    std::fflush(stdout);
  }
}
