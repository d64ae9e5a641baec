// The clients outside: each has a key and sends one request after the other, on connections that it
// keeps; some of them misbehave.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "path/http_reader.h"
#include "path/wire.h"
#include "path/world.h"

namespace purser::sim {

class Client final : public Party {
 public:
  // A connection to the product; null where nobody listens.
  using Connect = std::function<std::shared_ptr<Wire>(Party&)>;
  Client(World& world, std::size_t number, Connect connect)
      : world_(world), number_(number), connect_(std::move(connect)) {}

  std::string key;
  Id user, team;

  // Sends so many requests from now on, with pauses; `idle` once all have ended.
  void begin(int requests);
  bool idle() const { return left_ == 0 && asked_ == nullptr; }

  void on_bytes(Wire& wire, std::string_view bytes) override;
  void on_end(Wire& wire, bool reset) override;

 private:
  void think();
  void ask();
  Asked& make_request();
  std::string request_bytes(const Asked& asked) const;
  void send_with_fault(const std::string& bytes);
  void send_slowly(const std::string& bytes, std::size_t from);
  void leave();
  void end(int status);

  World& world_;
  const std::size_t number_;
  const Connect connect_;
  std::shared_ptr<Wire> wire_;
  std::unique_ptr<HttpReader> reader_;
  Asked* asked_ = nullptr;
  int left_ = 0;
};

}  // namespace purser::sim
