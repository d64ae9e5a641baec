// One simulated connection: at one end the product, over an http::Stream; at the other a party
// outside (a client, the stub provider), which is told what comes as it comes. Bytes take a while
// each way, arrive in order, and may be read in pieces.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "choices.h"
#include "path/sim_clock.h"
#include "purser/http/stream.h"

namespace purser::sim {

class Wire;

class Party {
 public:
  virtual void on_bytes(Wire& wire, std::string_view bytes) = 0;
  virtual void on_end(Wire& wire, bool reset) = 0;

 protected:
  ~Party() = default;
};

class Wire : public std::enable_shared_from_this<Wire> {
 public:
  // The party outlives it.
  Wire(SimClock& clock, Choices& choose, Party& party)
      : clock_(clock), choose_(choose), party_(party) {}

  // For the party.
  void send(std::string bytes);
  void end();
  void reset();
  void stop_reading() { reading_ = false; }
  void read_again();
  // Takes so many bytes more of what the product writes, then resets.
  void reset_after(std::size_t bytes) { budget_ = bytes; }
  bool is_open() const { return !product_gone_ && !reset_ && !ended_; }

  // The process at the product's end has died: nothing reaches it any more.
  void product_died();

 private:
  friend class SimStream;
  static constexpr std::size_t kWindowBytes = 16 * 1024;

  Duration arrival(Duration& last);
  void deliver_to_party(std::string bytes);
  std::size_t product_writes(std::string_view bytes);
  void product_ends();
  void product_leaves(bool reset);
  void wake();

  SimClock& clock_;
  Choices& choose_;
  Party& party_;
  Duration last_to_product_{}, last_to_party_{};
  std::string inbox_;  // has come to the product, unread
  std::string held_;   // has come to the party, which does not read
  std::size_t unread_ = 0;
  std::size_t budget_ = SIZE_MAX;
  bool reading_ = true;
  bool ended_ = false, reset_ = false;                // by the party
  bool end_arrived_ = false, reset_arrived_ = false;  // at the product
  bool product_gone_ = false, end_told_ = false;
  boost::asio::steady_timer* reader_ = nullptr;
  boost::asio::steady_timer* writer_ = nullptr;
};

class SimStream final : public http::Stream {
 public:
  SimStream(std::shared_ptr<Wire> wire, boost::asio::any_io_executor executor);
  ~SimStream() override;
  boost::asio::awaitable<http::ReadResult> read_some(std::span<char> into,
                                                     Duration timeout) override;
  boost::asio::awaitable<http::WriteResult> write(std::string_view data, Duration timeout) override;
  boost::asio::awaitable<void> shutdown_write(Duration timeout) override;
  void close() noexcept override { leave(false); }
  void reset() noexcept override { leave(true); }
  bool is_quiet() noexcept override;
  std::string peer_address() const override { return "192.0.2.1"; }
  std::string failure_reason() const override { return "the simulated connection broke"; }

 private:
  void leave(bool reset) noexcept;
  void wake_at(Duration deadline);

  std::shared_ptr<Wire> wire_;
  boost::asio::steady_timer reader_, writer_;
  bool closed_ = false;
};

}  // namespace purser::sim
