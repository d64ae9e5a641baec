#include "path/wire.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace purser::sim {

namespace asio = boost::asio;
using http::IoStatus;

// In order in each direction: nothing overtakes what was sent before it.
Duration Wire::arrival(Duration& last) {
  const Duration now = clock_.now();
  last = std::max(last, now + std::chrono::microseconds(100 + choose_.below(4000)));
  return last - now;
}

void Wire::wake() {
  if (reader_ != nullptr) reader_->cancel();
  if (writer_ != nullptr) writer_->cancel();
}

void Wire::send(std::string bytes) {
  if (!is_open()) return;
  clock_.after(arrival(last_to_product_), [self = shared_from_this(), bytes = std::move(bytes)] {
    if (self->product_gone_ || self->reset_arrived_) return;
    self->inbox_ += bytes;
    self->wake();
  });
}

void Wire::end() {
  if (!is_open()) return;
  ended_ = true;
  clock_.after(arrival(last_to_product_), [self = shared_from_this()] {
    self->end_arrived_ = true;
    self->wake();
  });
}

void Wire::reset() {
  if (reset_) return;
  reset_ = true;
  clock_.after(arrival(last_to_product_), [self = shared_from_this()] {
    self->reset_arrived_ = true;
    self->inbox_.clear();
    self->wake();
  });
}

void Wire::read_again() {
  reading_ = true;
  std::string held = std::exchange(held_, {});
  if (!held.empty()) deliver_to_party(std::move(held));
}

void Wire::deliver_to_party(std::string bytes) {
  if (reset_) return;
  if (!reading_) {
    held_ += bytes;
    return;
  }
  unread_ -= bytes.size();
  wake();
  party_.on_bytes(*this, bytes);
}

std::size_t Wire::product_writes(std::string_view bytes) {
  const std::size_t size = std::min({bytes.size(), kWindowBytes - unread_, budget_});
  budget_ -= budget_ == SIZE_MAX ? 0 : size;
  unread_ += size;
  if (size > 0)
    clock_.after(arrival(last_to_party_),
                 [self = shared_from_this(), copy = std::string(bytes.substr(0, size))]() mutable {
                   self->deliver_to_party(std::move(copy));
                 });
  if (budget_ == 0) {
    reset_ = reset_arrived_ = true;
    inbox_.clear();
    clock_.after(arrival(last_to_party_),
                 [self = shared_from_this()] { self->party_.on_end(*self, true); });
  }
  return size;
}

void Wire::product_ends() {
  if (product_gone_ || end_told_) return;
  end_told_ = true;
  clock_.after(arrival(last_to_party_), [self = shared_from_this()] {
    if (!self->held_.empty()) self->read_again();
    self->party_.on_end(*self, false);
  });
}

void Wire::product_leaves(bool by_reset) {
  if (product_gone_) return;
  product_gone_ = true;
  if (end_told_ && !by_reset) return;
  end_told_ = true;
  clock_.after(arrival(last_to_party_), [self = shared_from_this(), by_reset] {
    if (!self->held_.empty() && !by_reset) self->read_again();
    self->party_.on_end(*self, by_reset);
  });
}

void Wire::product_died() { product_leaves(true); }

SimStream::SimStream(std::shared_ptr<Wire> wire, asio::any_io_executor executor)
    : wire_(std::move(wire)), reader_(executor), writer_(executor) {
  reader_.expires_at(asio::steady_timer::time_point::max());
  writer_.expires_at(asio::steady_timer::time_point::max());
  wire_->reader_ = &reader_;
  wire_->writer_ = &writer_;
}

SimStream::~SimStream() {
  leave(false);
  wire_->reader_ = wire_->writer_ = nullptr;
}

void SimStream::leave(bool reset) noexcept {
  if (closed_) return;
  closed_ = true;
  wire_->product_leaves(reset);
  wire_->wake();
}

void SimStream::wake_at(Duration deadline) {
  wire_->clock_.after(deadline - wire_->clock_.now(), [weak = std::weak_ptr<Wire>(wire_)] {
    if (const auto wire = weak.lock()) wire->wake();
  });
}

asio::awaitable<http::ReadResult> SimStream::read_some(std::span<char> into, Duration timeout) {
  const Duration deadline = wire_->clock_.now() + timeout;
  bool armed = false;
  http::ReadResult result;
  for (;;) {
    if (closed_ || wire_->reset_arrived_) {
      result.status = IoStatus::failed;
      break;
    }
    if (!wire_->inbox_.empty()) {
      std::size_t most = std::min(into.size(), wire_->inbox_.size());
      if (wire_->choose_.one_in(4)) most = 1 + wire_->choose_.index(most);
      result.size = wire_->inbox_.copy(into.data(), most);
      wire_->inbox_.erase(0, result.size);
      break;
    }
    if (wire_->end_arrived_) {
      result.status = IoStatus::end;
      break;
    }
    if (wire_->clock_.now() >= deadline) {
      result.status = IoStatus::timed_out;
      break;
    }
    if (!armed) wake_at(deadline);
    armed = true;
    boost::system::error_code ignored;
    co_await reader_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return result;
}

asio::awaitable<http::WriteResult> SimStream::write(std::string_view data, Duration timeout) {
  const Duration deadline = wire_->clock_.now() + timeout;
  bool armed = false;
  http::WriteResult result;
  for (;;) {
    if (result.size == data.size()) break;
    if (closed_ || wire_->reset_arrived_) {
      result.status = IoStatus::failed;
      break;
    }
    const std::size_t wrote = wire_->product_writes(data.substr(result.size));
    result.size += wrote;
    if (wrote > 0) continue;
    if (wire_->reset_arrived_) continue;
    if (wire_->clock_.now() >= deadline) {
      result.status = IoStatus::timed_out;
      break;
    }
    if (!armed) wake_at(deadline);
    armed = true;
    boost::system::error_code ignored;
    co_await writer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return result;
}

asio::awaitable<void> SimStream::shutdown_write(Duration) {
  wire_->product_ends();
  co_return;
}

bool SimStream::is_quiet() noexcept {
  return !closed_ && wire_->inbox_.empty() && !wire_->end_arrived_ && !wire_->reset_arrived_;
}

}  // namespace purser::sim
