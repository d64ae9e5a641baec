// The few pages that Purser makes itself: signing in, the case for a raise with the one button that
// grants it, and asking for one. Small on purpose; the web workspace may absorb them.
//
//   Pages pages({.api = …, .keys = &ring, .base_url = …});
//   if (Pages::serves(path)) response = pages.handle(request);   // not from an io thread
//
// Everything goes through the REST API with the visitor's session, so that its checks and its audit
// trail hold here too. A GET changes nothing, since what scans mails opens their links. A POST must
// come from a page of our own, and carry the token that is bound to the session (but for signing
// in, where there is none yet).
//
// Names and reasons come from anybody: every text is escaped where it becomes HTML (html.h). A page
// loads nothing, runs no script (the one that takes a one-time secret out of the address runs its
// own, by its hash), and stands in no frame.
//
// Threading: `handle` blocks as the API does; from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "purser/api/api.h"

namespace purser::pages {

inline constexpr std::size_t kMaxFormBytes = 16u << 10;

struct Services {
  std::function<api::ApiResponse(const api::ApiRequest&)> api;  // Api::handle
  const identity::KeyRing* keys = nullptr;                      // keys the forms' tokens
  std::function<std::string()> base_url;                        // as people reach us; may be empty
};

class Pages {
 public:
  explicit Pages(Services services);
  ~Pages();

  static bool serves(std::string_view path);
  // A form's body is read up to this; 0: no body is taken there.
  static std::size_t body_limit(std::string_view method, std::string_view path);
  // `request.body` is a form (application/x-www-form-urlencoded). The answer is HTML.
  api::ApiResponse handle(const api::ApiRequest& request) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace purser::pages
