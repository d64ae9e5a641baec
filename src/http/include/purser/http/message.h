// What a request's head and a whole response are, for server and handlers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "purser/http/fields.h"

namespace purser::http {

struct RequestHead {
  std::string method;  // as sent: "POST"
  std::string target;  // as sent: "/v1/messages?beta=true"
  std::size_t path_size = 0;
  Fields fields;  // as sent, framing and hop-by-hop fields included
  bool http_1_0 = false;
  bool keep_alive = true;
  bool has_body = false;  // a Content-Length above 0, or chunked
  bool expects_continue = false;

  // Not decoded: "%2F" stays "%2F".
  std::string_view path() const { return std::string_view(target).substr(0, path_size); }
  // Behind the "?", without it; empty where there is none.
  std::string_view query() const {
    return path_size < target.size() ? std::string_view(target).substr(path_size + 1)
                                     : std::string_view();
  }
};

// The server writes Content-Length, Transfer-Encoding, Connection and Date itself; such fields in
// `fields` are left out (a Date is kept).
struct Response {
  int status = 200;
  Fields fields;
  std::string body;
};

// A JSON answer of the shape the listener itself uses:
// {"error":{"code":"…","message":"…"}}.
Response error_response(int status, std::string_view code, std::string_view message);

}  // namespace purser::http
