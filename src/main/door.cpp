#include "door.h"

#include "purser/http/message.h"

namespace purser::main {
namespace {

// A list of people for `import` is the largest body that the REST API takes.
constexpr std::size_t kApiBodyBytes = 8u * 1024 * 1024;

http::Response text_response(int status, std::string_view type, std::string body) {
  http::Response response;
  response.status = status;
  response.fields.add("content-type", type);
  response.body = std::move(body);
  return response;
}

http::Response busy() {
  return http::error_response(503, "busy", "Purser has too much to do at the moment; try again.");
}

}  // namespace

bool Door::is_operation(const http::RequestHead& head) const {
  const std::string_view path = head.path();
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

http::Response Door::operation(const http::RequestHead& head) const {
  if (head.method != "GET" && head.method != "HEAD")
    return http::error_response(405, "wrong_method", "Only GET is served here.");
  if (head.path() == "/metrics")
    return text_response(200, "text/plain; version=0.0.4; charset=utf-8", parts_.metrics());
  if (head.path() == "/healthz") return text_response(200, "application/json", "{\"ok\":true}");
  const std::string why_not = parts_.why_not_ready();
  if (why_not.empty()) return text_response(200, "application/json", "{\"ready\":true}");
  return http::error_response(503, "not_ready", why_not);
}

boost::asio::awaitable<void> Door::serve(http::ServerExchange& exchange) {
  const http::RequestHead& head = exchange.head();
  if (parts_.serves_operations && is_operation(head)) {
    http::Response response = operation(head);
    co_await exchange.send(std::move(response));
  } else if (head.path().starts_with("/api/")) {
    co_await serve_api(exchange);
  } else {
    co_await parts_.gateway->serve(exchange);
  }
}

boost::asio::awaitable<void> Door::serve_operations(http::ServerExchange& exchange) {
  http::Response response =
      is_operation(exchange.head())
          ? operation(exchange.head())
          : http::error_response(404, "not_served",
                                 "Only /healthz, /readyz and /metrics are served here.");
  co_await exchange.send(std::move(response));
}

boost::asio::awaitable<void> Door::serve_api(http::ServerExchange& exchange) {
  const http::RequestHead& head = exchange.head();
  api::ApiRequest request;
  request.method = head.method;
  request.path = std::string(head.path());
  request.query = std::string(head.query());
  request.authorization = gateway::Gateway::key_text(head);
  request.content_type = std::string(head.fields.find("content-type").value_or(""));
  // Nothing of a stranger's body is kept: without it, the API refuses them for their key.
  bool known = false;
  if (head.has_body) {
    std::function<void()> look = [&] { known = parts_.api->knows(request.authorization); };
    const bool looked = co_await parts_.gateway->run_on_worker(std::move(look));
    if (!looked) {
      http::Response response = busy();
      co_await exchange.send(std::move(response));
      co_return;
    }
  }
  if (known) {
    Result<std::string> body = co_await exchange.read_body(kApiBodyBytes);
    if (!body) {
      http::Response refused =
          http::error_response(http::ServerExchange::suggested_status(body.error()),
                               body.error().code, body.error().message);
      co_await exchange.send(std::move(refused));
      co_return;
    }
    request.body = std::move(*body);
  }
  api::ApiResponse answer;
  std::function<void()> handle = [&] { answer = parts_.api->handle(request); };
  const bool ran = co_await parts_.gateway->run_on_worker(std::move(handle));
  http::Response response;
  if (ran) {
    response.status = answer.status;
    for (const auto& [name, value] : answer.fields) response.fields.add(name, value);
    response.body = std::move(answer.body);
  } else {
    response = busy();
  }
  co_await exchange.send(std::move(response));
}

}  // namespace purser::main
