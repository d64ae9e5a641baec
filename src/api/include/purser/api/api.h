// The REST API under /api/v1: what the `purser` command, scripts and the dashboard use. Documented
// by docs/openapi.json. Independent of HTTP's wire: a request and a response are values, and
// `handle` blocks (it reads and writes the store), so it runs on a worker thread, never on an io
// thread. Thread-safe.
//
// What only the gateway knows (an estimate, a refusal in memory) comes in through Services, since
// api/ may not include gateway/.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "purser/alerts/channel.h"
#include "purser/base/result.h"
#include "purser/identity/key_ring.h"
#include "purser/pricing/price_book.h"
#include "purser/store/store.h"

namespace purser::api {

struct ApiRequest {
  std::string method;
  std::string path;           // "/api/v1/me"
  std::string query;          // without the question mark
  std::string authorization;  // the key's text, already taken from its header
  std::string body;
  std::string content_type;  // "text/csv"; empty: JSON
};

struct ApiResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;  // JSON
};

struct Services {
  store::Store* store = nullptr;
  identity::KeyRing* keys = nullptr;
  Env* env = nullptr;
  // The price book in force, and what puts changed overrides in force.
  std::function<std::shared_ptr<const pricing::PriceBook>()> prices;
  std::function<void()> reload_prices;
  // POST /api/v1/estimate: what a provider's request would cost at most. Returns the answer as
  // JSON.
  std::function<Result<std::string>(const identity::Principal&, std::string_view path,
                                    std::string_view body)>
      estimate;
  // GET /api/v1/requests/{id} of a refusal still in memory, as JSON; empty where there is none.
  std::function<std::string(const Id& request)> find_refusal;
  // The channels that alerts go over, as they are wired now.
  std::function<std::vector<alerts::ChannelConfig>()> channels;
};

class Api {
 public:
  explicit Api(Services services);
  ~Api();
  ApiResponse handle(const ApiRequest& request);
  // Whether a key is somebody's, whatever it may do. Blocks, as `handle` does.
  bool knows(const std::string& key) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace purser::api
