// The last tightening of a bound: the provider's own free count of the input, asked only where the
// request would otherwise be lowered or refused. What it says is remembered, so that a retry of the
// same request asks nobody.
#include "exchange.h"
#include "foresee.h"

namespace purser::gateway {
namespace {

using providers::Format;

constexpr std::string_view kResponsesCountPath = "/v1/responses/input_tokens";
constexpr std::size_t kMostAnswerBytes = 64 * 1024;
// The counters are estimates (DESIGN): 2 % and 256 tokens above what they say.
constexpr std::int64_t kMarginDivisor = 50;
constexpr std::int64_t kMarginTokens = 256;
// Below this the bytes are near enough.
constexpr std::int64_t kWorthCountingTokens = 1024;

}  // namespace

bool Exchange::counting_may_help() const {
  const bool has_counter =
      format_ == Format::anthropic_messages ||
      (format_ == Format::openai_responses && shape_.dialect == providers::Dialect::openai);
  // Only what stands in the request's own bytes can be counted to a bound.
  const bool self_contained =
      !shape_.reads_unseen && !shape_.has_web_search && !shape_.previous_response_id;
  if (!has_counter || !self_contained || plan_.free || plan_.input_tokens < kWorthCountingTokens)
    return false;
  if (const auto most = ceiling(); most && plan_.forms.front() > most->amount) return true;
  const ledger::Outcome outcome = foresee(gateway_, scopes(), plan_).outcome;
  switch (outcome.decision) {
    case ledger::Decision::granted:
      return outcome.form > 0;
    case ledger::Decision::does_not_fit:
    case ledger::Decision::holds_in_the_way:
      return true;
    default:
      return false;
  }
}

boost::asio::awaitable<void> Exchange::tighten_by_counting() {
  http::UpstreamRequest request = upstream_request();
  request.target = std::string(format_ == Format::openai_responses
                                   ? kResponsesCountPath
                                   : providers::path(Format::anthropic_count_tokens));
  request.body = providers::write_count_request(shape_, body_, route_.upstream_model);
  if (request.body.empty()) co_return;
  http::Client& counter = upstreams_->counting_client(route_);
  const http::Target* target = upstreams_->target(route_);
  http::SendResult sent = co_await counter.send(target, std::move(request));
  if (!sent.response || sent.response->status() != 200) co_return;
  std::string answer;
  for (;;) {
    const http::BodyPiece piece = co_await sent.response->read_some();
    if (piece.failure != http::UpstreamFailure::none) co_return;
    answer.append(piece.data);
    if (answer.size() > kMostAnswerBytes) co_return;
    if (piece.end) break;
  }
  const auto counted = providers::read_counted_tokens(format_, answer);
  if (!counted) co_return;
  const std::int64_t bounded = *counted + *counted / kMarginDivisor + kMarginTokens;
  if (bounded >= plan_.input_tokens) co_return;
  gateway_.prefixes.remember(shape_, bounded);
  // It was priced before, so it can be again.
  static_cast<void>(make_plan_of_shape());
}

}  // namespace purser::gateway
