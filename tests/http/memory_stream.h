// A Stream in memory, on simulated time: what the peer sends is scripted, what it receives is kept.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "purser/base/env.h"
#include "purser/http/stream.h"

namespace purser::http::testing {

// What the test holds on to; the stream itself belongs to the code under test.
struct Wire {
  explicit Wire(ManualEnv* clock) : env(clock) {}

  ManualEnv* env;
  std::deque<std::string> incoming;  // one read gives at most one of them
  IoStatus then = IoStatus::end;     // after the last of them
  Duration pause_between_reads{};    // simulated time that each read takes
  std::string answer_to_next_write;  // becomes incoming with the next write
  std::string written;
  std::size_t accept_bytes = SIZE_MAX;  // a write beyond them ends as `write_fails`
  IoStatus write_fails = IoStatus::failed;
  bool closed = false;
  bool reset = false;
  bool write_ended = false;
  std::size_t reads = 0;
  std::size_t writes = 0;
};

class MemoryStream final : public Stream {
 public:
  explicit MemoryStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  boost::asio::awaitable<ReadResult> read_some(std::span<char> into, Duration timeout) override {
    ++wire_->reads;
    ReadResult result;
    if (wire_->closed) {
      result.status = IoStatus::failed;
    } else if (wire_->pause_between_reads > timeout) {
      wire_->env->advance(timeout);
      result.status = IoStatus::timed_out;
    } else if (wire_->incoming.empty()) {
      result.status = wire_->then;
      if (result.status == IoStatus::timed_out) wire_->env->advance(timeout);
    } else {
      wire_->env->advance(wire_->pause_between_reads);
      std::string& next = wire_->incoming.front();
      result.size = next.copy(into.data(), into.size());
      next.erase(0, result.size);
      if (next.empty()) wire_->incoming.pop_front();
    }
    co_return result;
  }

  boost::asio::awaitable<WriteResult> write(std::string_view data, Duration timeout) override {
    ++wire_->writes;
    WriteResult result;
    if (wire_->closed) {
      result.status = IoStatus::failed;
      co_return result;
    }
    result.size = std::min(data.size(), wire_->accept_bytes);
    wire_->written += data.substr(0, result.size);
    wire_->accept_bytes -= result.size;
    if (!wire_->answer_to_next_write.empty()) {
      wire_->incoming.push_back(std::exchange(wire_->answer_to_next_write, {}));
    }
    if (result.size < data.size()) {
      result.status = wire_->write_fails;
      if (result.status == IoStatus::timed_out) wire_->env->advance(timeout);
    }
    co_return result;
  }

  boost::asio::awaitable<void> shutdown_write(Duration) override {
    wire_->write_ended = true;
    co_return;
  }
  void close() noexcept override { wire_->closed = true; }
  void reset() noexcept override { wire_->closed = wire_->reset = true; }
  bool is_quiet() noexcept override { return !wire_->closed && wire_->incoming.empty(); }
  std::string peer_address() const override { return "192.0.2.1"; }
  std::string failure_reason() const override { return "the memory stream failed"; }

 private:
  std::shared_ptr<Wire> wire_;
};

}  // namespace purser::http::testing
