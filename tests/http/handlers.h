// Handlers that tests share.
#pragma once

#include "purser/http/server.h"

namespace purser::http::testing {

// Reads the body and sends it back; a body's error becomes the answer.
inline boost::asio::awaitable<void> echo(ServerExchange& exchange) {
  Result<std::string> body = co_await exchange.read_body(std::size_t{64} << 20);
  Response response;
  if (!body) {
    response = error_response(ServerExchange::suggested_status(body.error()), body.error().code,
                              body.error().message);
  } else {
    response.fields.add("x-target", exchange.head().target);
    response.body = std::move(*body);
  }
  co_await exchange.send(std::move(response));
}

inline boost::asio::awaitable<void> stream_three(ServerExchange& exchange) {
  Fields fields{{"content-type", "text/event-stream"}};
  co_await exchange.start(200, std::move(fields), "one");
  co_await exchange.write("two");
  co_await exchange.finish("three");
}

}  // namespace purser::http::testing
