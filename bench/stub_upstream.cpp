// The upstream of the bench: one thread, answers every request from memory, and counts. A request
// whose body begins with "stream":true gets 200 events, each in a write of its own; others get 1 KB
// of JSON. What it does can be changed while it runs:
//
//   GET /stub/counters       {"connections":N,"requests":N,"waiting":N}
//   GET /stub/delay?20000    answers so many µs late
//   GET /stub/hold?10        stops each stream after so many events; 0 lets all go on
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <unordered_set>

#include "figures.h"
#include "message_reader.h"
#include "sockets.h"
#include "stub_answers.h"

namespace purser::bench {
namespace {

struct Connection {
  int socket = -1;
  MessageReader request;
  const Pieces* answer = nullptr;
  Pieces own_answer;
  std::size_t piece = 0, offset = 0;  // how far the answer has been written
  bool waits_for_room = false;
  bool held = false;
  bool due_later = false;
  bool gone = false;
};

class Stub {
 public:
  explicit Stub(int port) : listener_(listen_on(port)) { poller_.add(listener_, nullptr); }
  int port() const { return port_of(listener_); }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const std::uint64_t until = late_.empty() ? 0 : late_.front().due_ns;
      const int found = poller_.wait(events.data(), events.size(), until);
      for (int i = 0; i < found; ++i) {
        if (events[i].data.ptr == nullptr) {
          accept_all();
          continue;
        }
        auto& connection = *static_cast<Connection*>(events[i].data.ptr);
        if ((events[i].events & EPOLLOUT) != 0) write(connection);
        if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(connection);
      }
      answer_what_is_due();
      for (auto* each : gone_) delete each;
      gone_.clear();
    }
  }

 private:
  struct Late {
    std::uint64_t due_ns;
    Connection* connection;
  };

  void accept_all() {
    for (int socket = accept_from(listener_); socket >= 0; socket = accept_from(listener_)) {
      auto* connection = new Connection;
      connection->socket = socket;
      poller_.add(socket, connection);
      ++connections_;
    }
  }

  void close_connection(Connection& connection) {
    if (connection.gone) return;
    connection.gone = true;
    close(connection.socket);
    held_.erase(&connection);
    if (!connection.due_later) gone_.push_back(&connection);  // else when it is due
  }

  void read(Connection& connection) {
    while (!connection.gone) {
      const ssize_t size = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) return close_connection(connection);
      std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
      while (!bytes.empty() && !connection.gone) {
        if (connection.answer != nullptr) return close_connection(connection);  // no pipelining
        bytes.remove_prefix(connection.request.take(bytes));
        if (connection.request.complete()) begin_answer(connection);
      }
      if (static_cast<std::size_t>(size) < buffer_.size()) return;
    }
  }

  void begin_answer(Connection& connection) {
    connection.piece = connection.offset = 0;
    const std::string& head = connection.request.head();
    if (head.find(" /stub/") < 8) {
      connection.own_answer = json_answer(control(head));
      connection.answer = &connection.own_answer;
      return write(connection);
    }
    ++requests_;
    const bool stream =
        connection.request.body_start().find("\"stream\":true") != std::string::npos;
    connection.answer = stream ? &streamed_ : &whole_;
    if (delay_ns_ == 0) return write(connection);
    connection.due_later = true;
    late_.push_back({now_ns() + delay_ns_, &connection});
  }

  std::string control(const std::string& head) {
    const std::size_t question = head.find('?');
    const std::uint64_t value =
        question == std::string::npos ? 0 : std::strtoull(head.c_str() + question + 1, nullptr, 10);
    if (head.find("/stub/delay") != std::string::npos) delay_ns_ = value * 1000;
    if (head.find("/stub/hold") != std::string::npos) hold_after_ = value;
    const std::unordered_set<Connection*> held = std::move(held_);
    held_.clear();
    for (Connection* each : held) {
      each->held = false;
      write(*each);
    }
    return "{\"connections\":" + std::to_string(connections_) +
           ",\"requests\":" + std::to_string(requests_) +
           ",\"waiting\":" + std::to_string(held_.size()) + "}";
  }

  void answer_what_is_due() {
    while (!late_.empty() && late_.front().due_ns <= now_ns()) {
      Connection& connection = *late_.front().connection;
      late_.pop_front();
      connection.due_later = false;
      if (connection.gone)
        gone_.push_back(&connection);
      else
        write(connection);
    }
  }

  void write(Connection& connection) {
    while (connection.answer != nullptr && !connection.held) {
      if (connection.piece == connection.answer->size()) {
        connection.answer = nullptr;
        connection.request.begin();
        break;
      }
      if (hold_after_ != 0 && connection.answer == &streamed_ && connection.piece > hold_after_) {
        connection.held = true;
        held_.insert(&connection);
        break;
      }
      const std::string& piece = (*connection.answer)[connection.piece];
      const ssize_t sent = send(connection.socket, piece.data() + connection.offset,
                                piece.size() - connection.offset, MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return wait_for_room(connection, true);
      if (sent < 0) return close_connection(connection);
      connection.offset += static_cast<std::size_t>(sent);
      if (connection.offset < piece.size()) continue;
      connection.offset = 0;
      ++connection.piece;
    }
    wait_for_room(connection, false);
  }

  void wait_for_room(Connection& connection, bool waits) {
    if (connection.waits_for_room == waits) return;
    connection.waits_for_room = waits;
    poller_.change(connection.socket, &connection, waits);
  }

  const Pieces whole_ = whole_answer(), streamed_ = streamed_answer();
  Poller poller_;
  int listener_;
  std::uint64_t connections_ = 0, requests_ = 0;
  std::uint64_t delay_ns_ = 0, hold_after_ = 0;
  std::deque<Late> late_;  // the delay is the same for all, so the first is due first
  std::unordered_set<Connection*> held_;
  std::vector<Connection*> gone_;
  std::array<char, 256 * 1024> buffer_;
};

}  // namespace
}  // namespace purser::bench

int main(int argc, char** argv) {
  using namespace purser::bench;
  Flags flags(argc, argv, "stub_upstream [--port N]");
  const std::string port = flags.text("--port", "0");
  flags.end();
  const auto stub = std::make_unique<Stub>(std::atoi(port.c_str()));
  std::printf("%d\n", stub->port());
  std::fflush(stdout);
  stub->run();
}
