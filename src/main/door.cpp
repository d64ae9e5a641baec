#include "door.h"

#include "purser/api/session_cookie.h"
#include "purser/http/message.h"

namespace purser::main {
namespace {

http::Response text_response(int status, std::string_view type, std::string body) {
  http::Response response;
  response.status = status;
  response.fields.add("content-type", type);
  response.body = std::move(body);
  return response;
}

std::string cookies_of(const http::RequestHead& head) {
  std::string all;
  for (const http::Field field : head.fields) {
    if (http::equal_without_case(field.name, "cookie")) all += std::string(field.value) + ";";
  }
  return all;
}

api::ApiRequest request_of(const http::ServerExchange& exchange) {
  const http::RequestHead& head = exchange.head();
  const auto field = [&](std::string_view name) {
    return std::string(head.fields.find(name).value_or(std::string_view()));
  };
  api::ApiRequest request;
  request.method = head.method;
  request.path = std::string(head.path());
  request.query = std::string(head.query());
  request.authorization = gateway::Gateway::key_text(head);
  request.content_type = field("content-type");
  request.session = api::session_in(cookies_of(head));
  request.fetch_site = field("sec-fetch-site");
  request.origin = field("origin");
  request.host = field("host");
  request.peer = exchange.peer_address();
  return request;
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
  } else if (pages::Pages::serves(head.path())) {
    co_await serve_page(exchange);
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
  api::ApiRequest request = request_of(exchange);
  std::size_t limit = 0;
  if (exchange.head().has_body) {
    std::function<void()> look = [&] { limit = parts_.api->body_limit(request); };
    const bool looked = co_await parts_.gateway->run_on_worker(std::move(look));
    if (!looked) {
      http::Response response = busy();
      co_await exchange.send(std::move(response));
      co_return;
    }
  }
  std::function<api::ApiResponse(const api::ApiRequest&)> handle =
      [api = parts_.api](const api::ApiRequest& asked) { return api->handle(asked); };
  co_await answer(exchange, std::move(request), limit, std::move(handle));
}

boost::asio::awaitable<void> Door::serve_page(http::ServerExchange& exchange) {
  api::ApiRequest request = request_of(exchange);
  const std::size_t limit = pages::Pages::body_limit(request.method, request.path);
  std::function<api::ApiResponse(const api::ApiRequest&)> handle =
      [pages = parts_.pages](const api::ApiRequest& asked) { return pages->handle(asked); };
  co_await answer(exchange, std::move(request), limit, std::move(handle));
}

boost::asio::awaitable<void> Door::answer(
    http::ServerExchange& exchange, api::ApiRequest request, std::size_t body_limit,
    std::function<api::ApiResponse(const api::ApiRequest&)> handle) {
  if (body_limit > 0 && exchange.head().has_body) {
    Result<std::string> body = co_await exchange.read_body(body_limit);
    if (!body) {
      http::Response refused =
          http::error_response(http::ServerExchange::suggested_status(body.error()),
                               body.error().code, body.error().message);
      co_await exchange.send(std::move(refused));
      co_return;
    }
    request.body = std::move(*body);
  }
  api::ApiResponse made;
  std::function<void()> work = [&] { made = handle(request); };
  const bool ran = co_await parts_.gateway->run_on_worker(std::move(work));
  http::Response response;
  if (ran) {
    response.status = made.status;
    for (const auto& [name, value] : made.fields) response.fields.add(name, value);
    response.body = std::move(made.body);
  } else {
    response = busy();
  }
  co_await exchange.send(std::move(response));
}

}  // namespace purser::main
