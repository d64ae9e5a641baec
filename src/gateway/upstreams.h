// The options in force and the connections they lead to, as one io thread uses them. A reload puts
// another in its place; an exchange keeps the one it began with to its end.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <vector>

#include "purser/base/env.h"
#include "purser/gateway/gateway.h"
#include "purser/http/client.h"
#include "routing.h"

namespace purser::gateway {

class Upstreams;

// The options and prices that an answer was worked out from: it holds while these are in force.
struct InForce {
  std::weak_ptr<Upstreams> by;  // not kept alive by this
  std::shared_ptr<const pricing::PriceBook> book;

  bool is(const std::shared_ptr<Upstreams>& now_by,
          const std::shared_ptr<const pricing::PriceBook>& now_book) const {
    // By the owner: a place in memory may have been used again.
    return !by.owner_before(now_by) && !now_by.owner_before(by) && book == now_book;
  }
};

class Upstreams {
 public:
  Upstreams(boost::asio::any_io_executor io, std::shared_ptr<const GatewayOptions> options,
            Env* env, const GatewaySeams& seams);

  const GatewayOptions& options() const { return *options_; }
  http::Client& client(const Route& route);
  http::Client& counting_client(const Route& route);  // short waits: it only helps
  const http::Target* target(const Route& route) const;

 private:
  std::shared_ptr<const GatewayOptions> options_;
  std::vector<std::unique_ptr<http::Client>> clients_;  // one for each provider entry
  std::vector<std::unique_ptr<http::Client>> counting_clients_;
  std::unique_ptr<http::Client> sandbox_client_;
};

}  // namespace purser::gateway
