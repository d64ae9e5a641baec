// One client request on its way: identify, admit, reserve, relay, settle. Each phase either goes on
// or has answered the client; whatever happens, a hold that was made is settled exactly once.
//
//   phase      answers itself with                       leaves behind
//   identify   401, 403                                  whose key it is, what it counts for
//   admit      400, 402 (paused), 404, 413, 429          shape, route, price, plan
//   reserve    402, 429, 503                             a durable hold
//   relay      the provider's answer, 502, 504           what was billed, or that nobody knows
//   settle     —                                         one usage
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "awaitables.h"
#include "plan.h"
#include "purser/http/server.h"
#include "purser/identity/key_ring.h"
#include "purser/providers/answer.h"
#include "purser/providers/request.h"
#include "refusal_text.h"
#include "routing.h"
#include "state.h"
#include "understand.h"

namespace purser::gateway {

class Exchange {
 public:
  Exchange(GatewayState& gateway, Lane& lane, http::ServerExchange& client,
           providers::Format format);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  boost::asio::awaitable<void> run();
  // On the lane's thread: the upstream is closed, what was held is settled in full.
  void cut();

 private:
  using Done = boost::asio::awaitable<bool>;  // false: the client has its answer

  // exchange_admit.cpp
  Done run_on_worker(std::function<void()> work);
  Done identify();
  Done admit();
  std::optional<providers::Refusal> attribute();
  Result<Understood> understand_body();
  std::optional<providers::Refusal> read_shape();
  Done check_stored();
  std::optional<providers::Refusal> make_plan_of_shape();
  ledger::ScopeList scopes() const;

  // exchange_task.cpp
  Result<void> read_task();
  Done make_task_budget();

  // exchange_count.cpp
  bool counting_may_help() const;
  boost::asio::awaitable<void> tighten_by_counting();

  // exchange_reserve.cpp
  Done reserve_hold();
  std::optional<identity::RequestCeiling> ceiling() const;
  std::optional<providers::Refusal> keep_to_ceiling();
  std::optional<store::CommandResult> repeated_refusal() const;
  store::ReserveRequest reserve_request() const;
  Done refuse_outcome(const store::CommandResult& result);
  std::string explanation() const;

  // exchange_relay.cpp
  boost::asio::awaitable<void> relay();
  http::UpstreamRequest upstream_request() const;  // but for its body
  boost::asio::awaitable<void> relay_failure(http::UpstreamFailure failure, std::string reason,
                                             bool may_have_been_sent);
  boost::asio::awaitable<void> relay_whole();
  boost::asio::awaitable<void> refuse_for_provider_key(bool nothing_billed);
  boost::asio::awaitable<void> relay_unmetered(std::string read_so_far);
  boost::asio::awaitable<void> relay_stream();
  boost::asio::awaitable<void> end_stream(http::UpstreamFailure failure);
  Done pass_to_client(std::string& relayed);
  http::Fields answer_fields() const;

  // exchange_settle.cpp
  enum class Billed { as_used, nothing, unknown };
  void settle(Billed billed, const char* ending, const providers::AnswerSummary* summary);
  Nanos cost_of(const pricing::Usage& usage, store::SettleRequest& request);
  Nanos remaining_after(Nanos cost) const;

  boost::asio::awaitable<void> refuse(providers::Refusal refusal);
  boost::asio::awaitable<void> refuse(int status, Error error);
  RefusalContext refusal_context() const;
  std::string header(std::string_view name) const;
  void log_end() const;

  const GatewayOptions& options() const { return upstreams_->options(); }

  GatewayState& gateway_;
  Lane& lane_;
  const std::shared_ptr<Upstreams> upstreams_;
  http::ServerExchange& client_;
  const providers::Format format_;
  const Id request_;
  Instant started_at_;
  Duration began_;
  std::string outcome_;  // an ending, or a refusal's code
  bool refused_ = false;

  // identify
  std::string key_text_;
  identity::PrincipalPtr principal_;
  std::shared_ptr<const identity::Directory> directory_;
  store::Attribution attribution_;
  ScopeNames names_;
  std::optional<Nanos> task_budget_;
  bool counted_for_key_ = false;

  // admit
  std::string body_;
  providers::RequestShape shape_;
  Route route_;
  Plan plan_;

  // reserve
  bool held_ = false;
  bool settled_ = false;
  Nanos hold_;
  Nanos least_remaining_;  // among the hard caps, once the hold was made
  bool has_hard_cap_ = false;
  ChosenForm chosen_;

  // relay
  std::unique_ptr<http::UpstreamResponse> upstream_;
  std::optional<providers::StreamMeter> meter_;
  bool client_gone_ = false;
  bool cut_by_us_ = false;
  Duration client_gone_at_{};
  bool draining_ = false;
  int status_ = 0;
  Nanos cost_;
};

}  // namespace purser::gateway
