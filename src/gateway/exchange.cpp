#include "exchange.h"

#include <utility>

namespace purser::gateway {

Exchange::Exchange(GatewayState& gateway, Lane& lane, http::ServerExchange& client,
                   providers::Format format)
    : gateway_(gateway),
      lane_(lane),
      upstreams_(lane.upstreams),
      client_(client),
      format_(format),
      request_(make_id(*gateway.env)),
      started_at_(gateway.env->utc_now()),
      began_(gateway.env->boot_now()) {
  lane_.exchanges.insert(this);
  lane_.metrics.open_exchanges.fetch_add(1, std::memory_order_relaxed);
}

Exchange::~Exchange() {
  // The coroutine was destroyed or threw in the middle: nobody can know what was billed.
  settle(Billed::unknown, "interrupted", nullptr);
  log_end();
  if (counted_for_key_) gateway_.key_load.leave(attribution_.key);
  if (draining_) gateway_.metrics.draining.fetch_sub(1);
  lane_.metrics.open_exchanges.fetch_sub(1, std::memory_order_relaxed);
  lane_.exchanges.erase(this);
}

boost::asio::awaitable<void> Exchange::run() {
  const bool identified = co_await identify();
  if (!identified) co_return;
  const bool admitted = co_await admit();
  if (!admitted) co_return;
  const bool budgeted = co_await make_task_budget();
  if (!budgeted) co_return;
  const bool held = co_await reserve_hold();
  if (!held) co_return;
  co_await relay();
  lane_.metrics.requests.add("format=\"" + std::string(providers::name(format_)) + "\",status=\"" +
                             std::to_string(status_) + "\"");
}

void Exchange::log_end() const {
  if (!gateway_.on_end) return;
  ExchangeRecord record;
  record.request = request_;
  record.user = attribution_.user;
  record.key = attribution_.key;
  record.format = providers::name(format_);
  record.provider = attribution_.provider;
  record.model = attribution_.asked_model;
  record.outcome = outcome_;
  record.refused = refused_;
  record.status = status_;
  record.cost = cost_;
  record.took = gateway_.env->boot_now() - began_;
  gateway_.on_end(record);
}

void Exchange::cut() {
  cut_by_us_ = true;
  if (upstream_) upstream_->close();
}

RefusalContext Exchange::refusal_context() const {
  RefusalContext context;
  context.request = request_;
  context.names = names_;
  if (principal_) context.names.key = to_text("key", principal_->key);
  context.calendar = gateway_.store->calendar();
  context.ask_url = options().ask_url;
  context.ask_page = options().ask_page;
  if (directory_) context.ask_whom = directory_->admin_contact;
  return context;
}

boost::asio::awaitable<void> Exchange::refuse(int status, Error error) {
  providers::Refusal refusal = refusal_of(refusal_context(), status, error);
  // What an operator has to mend is not mended by asking again.
  refusal.should_retry = status == 429 || (status >= 500 && error.code != "no_provider_key");
  if (refusal.should_retry) refusal.retry_after_seconds = 1;
  co_await refuse(std::move(refusal));
}

boost::asio::awaitable<void> Exchange::refuse(providers::Refusal refusal) {
  status_ = refusal.status;
  // An upstream's failure has its ending; what was never held has only this.
  if (!held_) outcome_ = refusal.code;
  refused_ = !held_;
  providers::ClientHints hints;
  hints.user_agent = header("user-agent");
  hints.originator = header("originator");
  if (principal_) hints.refusal_status = principal_->refusal_status;
  providers::WireRefusal wire = providers::write_refusal(format_, refusal, hints);
  lane_.metrics.refusals.add("scope=\"" + refusal.scope + "\",code=\"" + refusal.code +
                             "\",format=\"" + std::string(providers::name(format_)) + "\"");
  gateway_.remember_refusal(request_, started_at_, principal_.get(), attribution_,
                            std::move(refusal));

  http::Response response;
  response.status = wire.status;
  for (const auto& [name, value] : wire.fields) response.fields.add(name, value);
  response.fields.set("x-purser-request-id", to_text("req", request_));
  response.body = std::move(wire.body);
  co_await client_.send(std::move(response));
}

}  // namespace purser::gateway
