#include "path/stub_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace purser::sim {
namespace {

// The output limit that the gateway wrote.
std::int64_t limit_in(const std::string& body) {
  for (const char* name : {"\"max_completion_tokens\":", "\"max_tokens\":"}) {
    const auto at = body.find(name);
    if (at != std::string::npos)
      return std::strtoll(body.c_str() + at + std::string_view(name).size(), nullptr, 10);
  }
  return 0;
}

std::int64_t most_input_tokens(const Asked& asked) {
  return static_cast<std::int64_t>(asked.padding_bytes / 4) + 20;
}

}  // namespace

void StubConnection::on_bytes(Wire& wire, std::string_view bytes) {
  reader_.feed(bytes);
  const bool whole = reader_.read();
  requests_ += whole ? 1 : 0;
  Asked* asked = world_.find(reader_.body());
  if (asked == nullptr) return;
  if (reader_.head().find("/count_tokens ") != std::string::npos) {
    if (whole && !closed_) count_tokens(wire, *asked);
    return;
  }
  asked->provider_saw = true;
  if (closed_) {
    // It came on a connection that had just been closed here: nobody reads it.
    asked->troubled = true;
    wire.reset();
    return;
  }
  if (asked->fault == Fault::provider_resets_request && world_.faults_on) {
    world_.faults.count(asked->fault);
    closed_ = true;
    wire.reset();
    return;
  }
  if (whole) take_request(wire);
}

void StubConnection::on_end(Wire& wire, bool) {
  closed_ = true;
  wire.end();
}

// The free counter: asked before there is a hold, and bills nothing.
void StubConnection::count_tokens(Wire& wire, const Asked& asked) {
  reader_.next();
  const std::string body = fmt::format(R"({{"input_tokens":{}}})", most_input_tokens(asked));
  wire.send(fmt::format(
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
      body.size(), body));
}

void StubConnection::take_request(Wire& wire) {
  Asked& asked = *world_.find(reader_.body());
  on_request_(asked);
  if (++asked.times_whole > 1) world_.fail("I3: " + asked.mark + " was sent to the provider twice");
  const std::int64_t limit = limit_in(reader_.body());
  if (limit < 1) world_.fail("no output limit was written upstream for " + asked.mark);
  if (limit > asked.limit_tokens) world_.fail("more output than " + asked.mark + " asked for");
  if (limit < asked.limit_tokens) ++world_.lowered;
  const std::int64_t most = most_input_tokens(asked);
  StubAnswer answer = make_answer(asked, 1 + world_.choose.below(most),
                                  std::max<std::int64_t>(1, limit), world_.choose);
  // Bytes behind an answer may come once the connection has been used again, and no client of
  // HTTP/1.1 can tell them from the next answer.
  if (surplus_) asked.troubled = true;
  surplus_ = surplus_ || asked.fault == Fault::answer_twice ||
             asked.fault == Fault::answer_length_too_short;
  asked.billed = answer.billed;
  asked.claims = answer.claims;
  if (asked.fault >= Fault::answer_429 && asked.fault <= Fault::provider_closes_idle)
    world_.faults.count(asked.fault);
  reader_.next();
  play(wire.shared_from_this(), std::move(answer));
}

void StubConnection::play(std::shared_ptr<Wire> wire, StubAnswer answer) {
  Duration at{};
  for (auto& piece : answer.pieces) {
    at += piece.wait;
    world_.clock.after(at, [wire, bytes = std::move(piece.bytes)] {
      if (!bytes.empty()) wire->send(bytes);
    });
  }
  using After = StubAnswer::After;
  if (answer.after == After::keep || answer.after == After::hang) return;
  const bool resets = answer.after == After::reset;
  world_.clock.after(at + std::chrono::milliseconds(1), [this, wire, resets, so_far = requests_] {
    if (requests_ != so_far) return;  // in use again: who reads a request does not close on it
    closed_ = true;
    resets ? wire->reset() : wire->end();
  });
}

std::shared_ptr<Wire> StubProvider::connect() {
  connections_.push_back(std::make_unique<StubConnection>(world_, on_request_));
  return std::make_shared<Wire>(world_.clock, world_.choose, *connections_.back());
}

}  // namespace purser::sim
