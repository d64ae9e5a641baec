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
#include "purser/identity/sign_in.h"
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

  // Of a browser, which is signed in by a cookie and which other sites can make send requests.
  std::string session;     // the cookie's text; a key goes before it
  std::string fetch_site;  // the header Sec-Fetch-Site
  std::string origin;      // the header Origin
  std::string host;        // the header Host
  std::string peer;        // the address that the request came from, without a port
};

// Whether a browser's request comes from a page of our own: it says so itself (Sec-Fetch-Site), or
// else its Origin is the host that it speaks to, or that of `base_url`. `when_silent` holds for one
// that says neither.
bool is_same_origin(const ApiRequest& request, std::string_view base_url, bool when_silent);

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
  identity::SignIn* sign_in = nullptr;
  std::function<std::string()> base_url;  // "https://purser.example.com", for links
  bool secure_cookies = false;            // browsers reach us by https alone
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
  // How large a body of this request may be, so that nothing of a stranger's is kept: 0 without a
  // key or a session that is somebody's, whatever it may do; little of a sign-in. Blocks, as
  // `handle` does.
  std::size_t body_limit(const ApiRequest& request) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace purser::api
