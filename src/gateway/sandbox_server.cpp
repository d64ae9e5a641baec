#include "purser/gateway/sandbox_server.h"

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "purser/base/env.h"
#include "purser/http/server.h"
#include "purser/providers/sandbox.h"

namespace purser::gateway {
namespace {

constexpr std::size_t kBodyBytes = 64u * 1024 * 1024;
constexpr std::string_view kCountPath = "/v1/responses/input_tokens";

boost::asio::awaitable<void> wait(std::int64_t milliseconds) {
  auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.fields.add("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

}  // namespace

struct SandboxServer::State {
  std::unique_ptr<http::Server> server;
  std::uint16_t port = 0;
  bool human_pace = true;
  std::atomic<std::uint64_t> answers{0};

  boost::asio::awaitable<void> serve(http::ServerExchange& exchange);
  boost::asio::awaitable<void> play(http::ServerExchange& exchange, providers::SandboxPlan plan);
};

boost::asio::awaitable<void> SandboxServer::State::play(http::ServerExchange& exchange,
                                                        providers::SandboxPlan plan) {
  if (human_pace) co_await wait(plan.delay_ms);
  if (plan.frames.empty()) {
    http::Response response = json_response(plan.status, std::move(plan.body));
    co_await exchange.send(std::move(response));
    co_return;
  }
  http::Fields fields;
  fields.add("content-type", plan.content_type);
  bool open = co_await exchange.start(plan.status, std::move(fields));
  for (const providers::SandboxFrame& frame : plan.frames) {
    if (!open) co_return;
    if (human_pace && frame.delay_ms > 0) co_await wait(frame.delay_ms);
    open = co_await exchange.write(frame.text);
  }
  if (open) co_await exchange.finish();
}

boost::asio::awaitable<void> SandboxServer::State::serve(http::ServerExchange& exchange) {
  Result<std::string> body = co_await exchange.read_body(kBodyBytes);
  if (!body) {
    http::Response refused =
        http::error_response(http::ServerExchange::suggested_status(body.error()),
                             body.error().code, body.error().message);
    co_await exchange.send(std::move(refused));
    co_return;
  }
  const http::RequestHead& head = exchange.head();
  if (head.method == "GET" && head.path() == "/v1/models") {
    const bool anthropic = head.fields.contains("anthropic-version");
    http::Response models = json_response(200, providers::sandbox_models(anthropic));
    co_await exchange.send(std::move(models));
    co_return;
  }
  const auto format = providers::format_of_path(head.path());
  if (head.path() != kCountPath && !format) {
    http::Response unknown =
        http::error_response(404, "not_served", "The sandbox does not serve this path.");
    co_await exchange.send(std::move(unknown));
    co_return;
  }
  providers::SandboxMoment moment;
  moment.epoch_seconds =
      std::chrono::floor<std::chrono::seconds>(system_env().utc_now()).time_since_epoch().count();
  moment.salt = answers.fetch_add(1) ^ static_cast<std::uint64_t>(system_env().boot_now().count());
  providers::SandboxPlan plan = format ? providers::plan_sandbox_answer(*format, *body, moment)
                                       : providers::plan_sandbox_response_count(*body);
  co_await play(exchange, std::move(plan));
}

SandboxServer::SandboxServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
SandboxServer::~SandboxServer() = default;
std::uint16_t SandboxServer::port() const { return state_->port; }

Result<std::unique_ptr<SandboxServer>> SandboxServer::start(boost::asio::io_context& io,
                                                            bool human_pace) {
  auto state = std::make_unique<State>();
  state->human_pace = human_pace;
  http::ServerOptions options;
  // It is reached only through Purser's own listener, whose limits stand in front of it.
  options.limits.idle_timeout = std::chrono::hours(1);
  options.handler = [state = state.get()](http::ServerExchange& exchange) {
    return state->serve(exchange);
  };
  state->server = std::make_unique<http::Server>(std::move(options));
  const Result<std::uint16_t> port = state->server->listen(io, "127.0.0.1", 0);
  if (!port) return port.error();
  state->port = *port;
  return std::unique_ptr<SandboxServer>(new SandboxServer(std::move(state)));
}

}  // namespace purser::gateway
