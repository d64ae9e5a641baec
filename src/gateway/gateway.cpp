#include "purser/gateway/gateway.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "awaitables.h"
#include "estimate.h"
#include "exchange.h"
#include "models.h"
#include "purser/base/check.h"
#include "state.h"

namespace purser::gateway {
namespace {

constexpr std::string_view kServed =
    "Purser serves POST /v1/chat/completions, /v1/responses, /v1/embeddings, /v1/messages, "
    "/v1/messages/count_tokens; GET /v1/models; and its own API under /api/v1.";

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.fields.add("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

http::Response plain_response(const providers::Refusal& refusal) {
  providers::WireRefusal wire = providers::write_plain_refusal(refusal);
  http::Response response;
  response.status = wire.status;
  for (const auto& [name, value] : wire.fields) response.fields.add(name, value);
  response.body = std::move(wire.body);
  return response;
}

http::Response not_served(const http::RequestHead& head) {
  providers::Refusal refusal;
  const char* allowed = providers::format_of_path(head.path()) ? "POST"
                        : head.path() == "/v1/models"          ? "GET, HEAD"
                                                               : nullptr;
  refusal.status = allowed ? 405 : 404;
  refusal.code = allowed ? "wrong_method" : "not_served";
  refusal.message = head.method.substr(0, 16) + " " + std::string(head.path().substr(0, 200)) +
                    " is not served here. " + std::string(kServed);
  http::Response response = plain_response(refusal);
  if (allowed) response.fields.set("allow", allowed);
  return response;
}

// Those of a key that may have a rule.
ledger::ScopeList ruling_scopes(const Id& workspace, const identity::Principal& who) {
  store::Attribution attribution;
  attribution.user = who.user;
  attribution.team = who.team;
  attribution.key = who.key;
  return store::scopes_of(workspace, attribution);
}

}  // namespace

Gateway::Gateway(GatewayOptions options, GatewayServices services)
    : state_(std::make_unique<GatewayState>(std::move(options), std::move(services))) {}

Gateway::~Gateway() {
  close();
  state_->drain_store();
}

void Gateway::close() {
  state_->closing.store(true);
  if (state_->own_workers) state_->own_workers->join();
  state_->drain_store();
}

void Gateway::add_lane(boost::asio::io_context& io) {
  state_->lanes.push_back(
      std::make_unique<Lane>(io, std::make_shared<Upstreams>(io.get_executor(), state_->options(),
                                                             state_->env, state_->seams)));
}

std::string Gateway::key_text(const http::RequestHead& head) {
  constexpr std::string_view kBearer = "Bearer ";
  if (const auto value = head.fields.find("authorization");
      value && value->size() > kBearer.size() &&
      http::equal_without_case(value->substr(0, kBearer.size()), kBearer))
    return std::string(value->substr(kBearer.size()));
  return std::string(head.fields.find("x-api-key").value_or(std::string_view()));
}

boost::asio::awaitable<void> Gateway::serve(http::ServerExchange& client) {
  const http::RequestHead& head = client.head();
  const auto format = providers::format_of_path(head.path());
  if (format && head.method == "POST") {
    auto executor = co_await boost::asio::this_coro::executor;
    Lane* lane = nullptr;
    for (const auto& candidate : state_->lanes)
      if (&candidate->io == &executor.context()) lane = candidate.get();
    PURSER_ASSERT(lane != nullptr);
    Exchange exchange(*state_, *lane, client, *format);
    co_await exchange.run();
    co_return;
  }
  http::Response response;
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (reads && head.path() == "/") {
    response = json_response(200, "{\"name\":\"purser\",\"ok\":true}");
  } else if (reads && head.path() == "/v1/models") {
    const std::string key = key_text(head);
    const bool anthropic = head.fields.contains("anthropic-version");
    identity::PrincipalPtr principal = state_->keys->cached(key);
    if (!principal) {
      std::function<void()> resolve = [&] {
        if (auto resolved = state_->keys->resolve(key)) principal = *resolved;
      };
      const bool ran = co_await run_on_worker(std::move(resolve));
      static_cast<void>(ran);
    }
    if (principal) {
      const auto directory = state_->keys->directory();
      const ledger::ScopeList scopes = ruling_scopes(state_->store->workspace(), *principal);
      const auto is_allowed = [&](std::string_view provider, std::string_view model) {
        return !identity::forbidding(directory->rules, scopes, provider, model);
      };
      response = json_response(200, list_models(*state_->options(), *state_->prices(),
                                                state_->env->utc_now(), anthropic, is_allowed));
    } else {
      providers::Refusal refusal;
      refusal.status = 401;
      refusal.code = "unknown_key";
      refusal.message = "No valid Purser key was sent, as `Authorization: Bearer` or `x-api-key`.";
      response = plain_response(refusal);
    }
  } else {
    response = not_served(head);
  }
  co_await client.send(std::move(response));
}

boost::asio::awaitable<bool> Gateway::run_on_worker(std::function<void()> work) {
  const bool ran = co_await state_->run_on_worker(std::move(work));
  co_return ran;
}

std::shared_ptr<const pricing::PriceBook> Gateway::prices() const { return state_->prices(); }

void Gateway::set_prices(std::shared_ptr<const pricing::PriceBook> prices) {
  {
    const std::scoped_lock lock(state_->current_mutex);
    state_->current_prices = std::move(prices);
  }
  state_->look_for_free_models();
}

void Gateway::set_options(GatewayOptions options) {
  const auto next = std::make_shared<const GatewayOptions>(std::move(options));
  {
    const std::scoped_lock lock(state_->current_mutex);
    state_->current_options = next;
  }
  state_->look_for_free_models();
  for (const auto& lane : state_->lanes) {
    boost::asio::post(lane->io, [state = state_.get(), each = lane.get(), next] {
      each->upstreams =
          std::make_shared<Upstreams>(each->io.get_executor(), next, state->env, state->seams);
    });
  }
}

Result<std::string> Gateway::estimate(const identity::Principal& principal, std::string_view path,
                                      std::string_view body) const {
  return gateway::estimate(*state_, principal, path, body);
}

std::string Gateway::find_refusal(const Id& request) const {
  const auto kept = state_->refusals.find(request);
  return kept ? json_of(request, *kept) : std::string();
}

void Gateway::cut_all() {
  for (const auto& lane : state_->lanes) {
    Lane* each = lane.get();
    boost::asio::post(each->io, [each] {
      for (Exchange* exchange : each->exchanges) exchange->cut();
    });
  }
}

std::size_t Gateway::open_exchanges() const {
  std::size_t open = 0;
  for (const auto& lane : state_->lanes) open += lane->metrics.open_exchanges.load();
  return open;
}

}  // namespace purser::gateway
