// The provider outside: takes requests on simulated connections, answers or does not, and writes
// down what it bills.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "path/http_reader.h"
#include "path/stub_answer.h"
#include "path/wire.h"
#include "path/world.h"

namespace purser::sim {

class StubConnection final : public Party {
 public:
  StubConnection(World& world, const std::function<void(const Asked&)>& on_request)
      : world_(world), on_request_(on_request) {}
  void on_bytes(Wire& wire, std::string_view bytes) override;
  void on_end(Wire& wire, bool reset) override;

 private:
  void count_tokens(Wire& wire, const Asked& asked);
  void take_request(Wire& wire);
  void play(std::shared_ptr<Wire> wire, StubAnswer answer);

  World& world_;
  const std::function<void(const Asked&)>& on_request_;
  HttpReader reader_{false};
  bool closed_ = false;
  bool surplus_ = false;  // sent more than an answer
  int requests_ = 0;      // that came in whole, the free counter's among them
};

class StubProvider {
 public:
  // `on_request` is told of each request that came in whole, before anything else.
  StubProvider(World& world, std::function<void(const Asked&)> on_request)
      : world_(world), on_request_(std::move(on_request)) {}
  std::shared_ptr<Wire> connect();

 private:
  World& world_;
  std::function<void(const Asked&)> on_request_;
  std::vector<std::unique_ptr<StubConnection>> connections_;
};

}  // namespace purser::sim
