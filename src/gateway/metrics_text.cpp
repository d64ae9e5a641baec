// GET /metrics: every figure of the process, in Prometheus' text format.
#include "purser/gateway/gateway.h"
#include "state.h"

namespace purser::gateway {
namespace {

void write_store(std::string& out, const store::StoreCounters& store) {
  write_counter(out, "purser_store_commits_total", "Durable commits.", store.commits);
  write_counter(out, "purser_store_commands_total", "Commands applied.", store.commands);
  write_counter(out, "purser_store_failed_commits_total", "Commits that failed.",
                store.failed_commits);
  write_gauge(out, "purser_store_queue_length", "Commands waiting for the writer.",
              store.queue_length);
  write_gauge(out, "purser_store_largest_batch", "The most commands in one commit so far.",
              store.largest_batch);
  write_gauge(out, "purser_holds_open", "Holds of requests in flight.", store.holds_open);
  write_counter(out, "purser_unconfirmed_at_start_total",
                "Holds settled in full at start, since a crash hid their end.",
                store.expired_at_start);
  write_usd_counter(out, "purser_overspend_usd_total", "Billed above the bound that was sent.",
                    store.overspend_total);
}

void write_listener(std::string& out, const http::Counters& listener) {
  write_gauge(out, "purser_connections_open", "Open client connections.",
              listener.connections_open);
  write_gauge(out, "purser_buffered_bytes", "Request bodies held in memory.",
              listener.buffered_bytes);
  write_counter(out, "purser_http_requests_total", "Request heads that passed the strict check.",
                listener.requests);
  write_counter(out, "purser_http_handler_failures_total", "Exchanges that ended in a surprise.",
                listener.handler_failures);
  const std::pair<const char*, const http::Counters::Count*> refused[] = {
      {"connections", &listener.refused_connections},
      {"head_too_large", &listener.refused_head_too_large},
      {"too_many_fields", &listener.refused_too_many_fields},
      {"target_too_long", &listener.refused_target_too_long},
      {"bad_request", &listener.refused_bad_request},
      {"body_too_large", &listener.refused_body_too_large},
      {"buffered_full", &listener.refused_buffered_full},
      {"head_timeout", &listener.head_timeouts},
      {"body_timeout", &listener.body_timeouts},
      {"write_timeout", &listener.write_timeouts},
  };
  out +=
      "# HELP purser_http_limits_crossed_total Refused or dropped at the door, by limit.\n"
      "# TYPE purser_http_limits_crossed_total counter\n";
  for (const auto& [limit, count] : refused)
    out += "purser_http_limits_crossed_total{limit=\"" + std::string(limit) + "\"} " +
           std::to_string(count->load()) + "\n";
}

}  // namespace

std::string Gateway::metrics(const http::Counters& listener) const {
  Metrics m;
  m.add(state_->metrics);
  for (const auto& lane : state_->lanes) m.add(lane->metrics);
  std::string out;
  m.requests.write(out, "purser_requests_total", "AI requests that were sent upstream.");
  m.refusals.write(out, "purser_refusals_total", "AI requests that were refused.");
  m.endings.write(out, "purser_endings_total", "How the answers to held requests ended.");
  m.unpriced.write(out, "purser_unpriced_usage_total",
                   "Usage that the price book has no price for.");
  state_->betas.counter().write(out, "purser_unlisted_betas_total",
                                "Values of anthropic-beta that passed without being known.");
  m.hold_seconds.write(out, "purser_hold_seconds", "From asking for a hold until it is durable.");
  m.settle_seconds.write(out, "purser_settle_seconds",
                         "From an answer's end until its settle is durable.");
  m.upstream_seconds.write(out, "purser_upstream_seconds",
                           "From sending to the head of the answer.");
  m.hold_to_cost.write(out, "purser_hold_to_cost_ratio", "Hold divided by cost.");
  write_usd_counter(out, "purser_cost_usd_total", "Settled cost.", Nanos{m.cost_nanos.load()});
  write_counter(out, "purser_settle_retries_total", "Settles that had to be tried again.",
                m.settle_retries.load());
  write_gauge(out, "purser_exchanges_open", "Requests on their way.", m.open_exchanges.load());
  write_gauge(out, "purser_drains_open",
              "Upstream streams read to their end after their client went.", m.draining.load());
  write_store(out, state_->store->counters());
  write_listener(out, listener);
  return out;
}

}  // namespace purser::gateway
