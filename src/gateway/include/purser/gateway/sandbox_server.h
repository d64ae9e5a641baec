// The built-in sandbox: a provider of our own that speaks the OpenAI and Anthropic formats over
// HTTP on a loopback port, so that a request to it takes the same way as one to a real provider.
// What it says is made by providers/sandbox.h.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "purser/base/result.h"

namespace purser::gateway {

class SandboxServer {
 public:
  // Listens on 127.0.0.1, on a free port. Runs on `io`, which outlives it.
  static Result<std::unique_ptr<SandboxServer>> start(boost::asio::io_context& io, bool human_pace);
  ~SandboxServer();
  std::uint16_t port() const;

 private:
  struct State;
  explicit SandboxServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace purser::gateway
