// Which method and path goes where, and who may go there. docs/openapi.json has one operation for
// each row; a test compares the two.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "call.h"

namespace purser::api {

enum class Access {
  anyone,   // nobody is known yet: signing in
  session,  // who is signed in, not a key
  any_key,  // `use` keys too
  manage,   // any manage key; the handler shows what its holder may see
  reader,   // finance and admin
  admin,
};

enum class BodyKind { none, json, raw };

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/api/v1/users/{user}"
  Access access;
  Handler handler;
  BodyKind body = BodyKind::none;
  bool is_change = false;  // what the key ring remembers may be old afterwards
};

std::span<const Route> routes();

struct RouteMatch {
  const Route* route = nullptr;
  std::vector<std::string> params;
  std::string allowed;  // no route, but the path exists: its methods, "GET, PATCH"
};
RouteMatch find_route(std::string_view method, std::string_view path);

}  // namespace purser::api
