// From a durable hold to the end of the provider's answer.
#include <algorithm>
#include <array>

#include "exchange.h"
#include "purser/base/check.h"

namespace purser::gateway {
namespace {

using http::UpstreamFailure;
using providers::Format;

// What goes upstream of a client's fields; anything else is dropped. Framing, hop-by-hop fields and
// the client's key are never among them.
constexpr std::array<std::string_view, 12> kForwarded = {
    "content-type",   "accept",      "user-agent",      "anthropic-version",
    "anthropic-beta", "openai-beta", "x-app",           "originator",
    "session_id",     "session-id",  "conversation_id", "http-referer"};
constexpr std::array<std::string_view, 4> kForwardedPrefixes = {"x-stainless-", "x-codex-",
                                                                "anthropic-dangerous-", "x-title"};

// What comes back of a provider's fields.
// A content-encoding is not among them: what was not asked for may be a bomb for the client's
// decoder.
constexpr std::array<std::string_view, 8> kReturned = {
    "content-type",   "request-id",     "x-request-id",         "retry-after",
    "retry-after-ms", "x-should-retry", "openai-processing-ms", "openai-version"};
constexpr std::array<std::string_view, 3> kReturnedPrefixes = {"x-ratelimit-",
                                                               "anthropic-ratelimit-", "x-codex-"};

// Of most requests and answers, so that the lists need not grow.
constexpr std::size_t kFieldsExpected = 16;
constexpr std::size_t kFieldBytesExpected = 512;

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         http::equal_without_case(text.substr(0, prefix.size()), prefix);
}

template <std::size_t N, std::size_t M>
bool listed(std::string_view name, const std::array<std::string_view, N>& names,
            const std::array<std::string_view, M>& prefixes) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view n) { return http::equal_without_case(n, name); }) ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view p) { return starts_with_no_case(name, p); });
}

bool is_event_stream(const http::Fields& fields) {
  const auto type = fields.find("content-type");
  return type && starts_with_no_case(*type, "text/event-stream");
}

const char* ending_of(UpstreamFailure failure) {
  switch (failure) {
    case UpstreamFailure::none:
      return "complete";
    case UpstreamFailure::stalled:
      return "stalled";
    case UpstreamFailure::cut:
      return "cut";
    default:
      return http::to_text(failure);
  }
}

std::string sentence_of(UpstreamFailure failure, const std::string& provider, bool cut_by_us) {
  if (cut_by_us) return "Purser was stopped in the middle of this answer.";
  if (failure == UpstreamFailure::stalled)
    return "The provider " + provider + " stopped sending in the middle of its answer.";
  return "The connection to the provider " + provider + " broke in the middle of its answer.";
}

}  // namespace

http::UpstreamRequest Exchange::upstream_request() const {
  const http::RequestHead& head = client_.head();
  const ProviderEntry& entry = options().providers[route_.entry];
  http::UpstreamRequest request;
  request.fields.reserve(kFieldsExpected, kFieldBytesExpected);
  request.method = "POST";
  request.target = std::string(providers::path(format_));
  if (!head.query().empty()) request.target.append("?").append(head.query());
  for (const http::Field field : head.fields)
    if (listed(field.name, kForwarded, kForwardedPrefixes))
      request.fields.add(field.name, field.value);
  // A compressed answer cannot be metered.
  request.fields.set("accept-encoding", "identity");
  if (!head.fields.contains("content-type")) request.fields.set("content-type", "application/json");
  if (!entry.api_key.empty()) {
    if (entry.kind == ProviderKind::anthropic)
      request.fields.set("x-api-key", entry.api_key);
    else
      request.fields.set("authorization", "Bearer " + entry.api_key);
  }
  return request;
}

boost::asio::awaitable<void> Exchange::relay() {
  http::UpstreamRequest request = upstream_request();
  request.body = providers::write_request(shape_, body_, chosen_.form, route_.upstream_model);
  // Long contexts are large, and many wait for their answer at once.
  std::string().swap(body_);
  const Instant sent_at = gateway_.env->utc_now();
  const http::Target* target = upstreams_->target(route_);
  http::Client& upstream = upstreams_->client(route_);
  http::SendResult sent = co_await upstream.send(target, std::move(request));
  lane_.metrics.upstream_seconds.observe(Metrics::seconds(gateway_.env->utc_now() - sent_at));
  if (!sent.response) {
    co_await relay_failure(sent.failure, std::move(sent.reason), sent.request_may_have_been_sent);
    co_return;
  }
  upstream_ = std::move(sent.response);
  status_ = upstream_->status();
  if (status_ == 200 && is_event_stream(upstream_->fields()))
    co_await relay_stream();
  else
    co_await relay_whole();
}

boost::asio::awaitable<void> Exchange::relay_failure(UpstreamFailure failure, std::string reason,
                                                     bool may_have_been_sent) {
  const std::string& provider = options().providers[route_.entry].name;
  status_ = failure == UpstreamFailure::no_answer ? 504 : 502;
  settle(may_have_been_sent ? Billed::unknown : Billed::nothing, ending_of(failure), nullptr);
  if (reason.ends_with('.')) reason.pop_back();  // a sentence of its own, or half of one
  Error error{"upstream_failed",
              "The provider " + provider + " did not answer: " + reason +
                  (may_have_been_sent ? ". The request may have been billed and is counted in full."
                                      : ". Nothing was billed."),
              Side::provider};
  co_await refuse(status_, std::move(error));
}

http::Fields Exchange::answer_fields() const {
  http::Fields fields;
  fields.reserve(kFieldsExpected, kFieldBytesExpected);
  for (const http::Field field : upstream_->fields())
    if (listed(field.name, kReturned, kReturnedPrefixes)) fields.add(field.name, field.value);
  fields.set("x-purser-request-id", to_text("req", request_));
  fields.set("x-purser-provider",
             route_.by_sandbox ? "sandbox" : options().providers[route_.entry].name);
  if (!chosen_.clamped.empty()) fields.set("x-purser-clamped", chosen_.clamped);
  return fields;
}

boost::asio::awaitable<void> Exchange::relay_whole() {
  std::string answer;
  UpstreamFailure failure = UpstreamFailure::none;
  for (;;) {
    const http::BodyPiece piece = co_await upstream_->read_some();
    failure = piece.failure;
    if (failure != UpstreamFailure::none) break;
    answer.append(piece.data);
    if (piece.end) break;
    // Too large to keep back by itself, or beside what else is kept at the moment.
    if (answer.size() > options().json_answer_bytes || !client_.keep(answer.size())) {
      co_await relay_unmetered(std::move(answer));
      co_return;
    }
  }
  if (failure != UpstreamFailure::none) {
    const std::string& provider = options().providers[route_.entry].name;
    status_ = 502;
    settle(Billed::unknown, ending_of(failure), nullptr);
    Error error{"upstream_failed",
                sentence_of(failure, provider, cut_by_us_) + " The request is counted in full.",
                Side::provider};
    co_await refuse(status_, std::move(error));
    co_return;
  }

  const bool succeeded = status_ >= 200 && status_ < 300;
  const std::string& provider_key = options().providers[route_.entry].api_key;
  const bool repeats_key =
      !succeeded && !provider_key.empty() && answer.find(provider_key) != std::string::npos;
  if (status_ == 401 || repeats_key) {
    const bool nothing = status_ == 401 || providers::bills_nothing(format_, status_, answer);
    settle(nothing ? Billed::nothing : Billed::unknown, "provider_key_refused", nullptr);
    co_await refuse_for_provider_key(nothing);
    co_return;
  }
  const bool metered = format_ != Format::anthropic_count_tokens;
  if (!succeeded) {
    const bool nothing = providers::bills_nothing(format_, status_, answer);
    settle(nothing ? Billed::nothing : Billed::unknown, "provider_error", nullptr);
  } else if (metered) {
    const providers::AnswerSummary summary = providers::read_answer(format_, answer);
    const bool refused = summary.provider_failed && !summary.any_output &&
                         providers::bills_nothing(format_, status_, summary.error_body);
    if (summary.usage)
      settle(Billed::as_used, "complete", &summary);
    else if (refused)
      settle(Billed::nothing, "provider_error", &summary);
    else
      settle(Billed::unknown, "no_usage", &summary);
  }
  http::Response response;
  response.status = status_;
  response.fields = answer_fields();
  if (held_ || plan_.free) response.fields.set("x-purser-cost-usd", format_usd(cost_));
  if (held_ && has_hard_cap_)
    response.fields.set("x-purser-remaining-usd", format_usd(remaining_after(cost_)));
  response.body = std::move(answer);
  co_await client_.send(std::move(response));
}

// The provider speaks of Purser's own key, with parts of it: its words are no help to a client, who
// would look at theirs.
boost::asio::awaitable<void> Exchange::refuse_for_provider_key(bool nothing_billed) {
  const std::string& provider = options().providers[route_.entry].name;
  const Error error{"provider_key_refused",
                    "The provider " + provider +
                        " does not accept the key that Purser has for it; yours is in order. " +
                        (nothing_billed ? "Nothing was billed. " : "It is counted in full. ") +
                        "An admin sets a valid key in the configuration.",
                    Side::us};
  providers::Refusal refusal = refusal_of(refusal_context(), 502, error);
  co_await refuse(std::move(refusal));
}

// An answer too large to be held back: the client gets it as it comes, the hold is settled in full.
boost::asio::awaitable<void> Exchange::relay_unmetered(std::string read_so_far) {
  settle(Billed::unknown, "too_large_to_meter", nullptr);
  http::Fields fields = answer_fields();
  bool open = co_await client_.start(status_, std::move(fields), read_so_far);
  std::string().swap(read_so_far);
  while (open) {
    const http::BodyPiece piece = co_await upstream_->read_some();
    if (piece.failure != UpstreamFailure::none) {
      client_.abort();
      co_return;
    }
    open = co_await client_.write(piece.data);
    if (open && piece.end) {
      co_await client_.finish();
      co_return;
    }
  }
}

// Hands on what has come, or notes that the client has gone. False: nobody wants the rest and it
// is not read either.
Exchange::Done Exchange::pass_to_client(std::string& relayed) {
  if (!client_gone_ && !relayed.empty()) {
    bool taken = false;
    if (client_.started()) {
      taken = co_await client_.write(relayed);
    } else {
      http::Fields fields = answer_fields();
      taken = co_await client_.start(status_, std::move(fields), relayed);
    }
    client_gone_ = !taken;
  }
  relayed.clear();
  if (!client_gone_) co_return true;
  if (!draining_) {
    // Read to the end, so that the bill is known: bounded in number and in time.
    if (gateway_.metrics.draining.fetch_add(1) >= options().drains) {
      gateway_.metrics.draining.fetch_sub(1);
      co_return false;
    }
    draining_ = true;
    client_gone_at_ = gateway_.env->boot_now();
  }
  co_return gateway_.env->boot_now() - client_gone_at_ < options().drain_limit;
}

boost::asio::awaitable<void> Exchange::relay_stream() {
  const bool hide_usage = format_ == Format::openai_chat && !shape_.client_asked_usage;
  meter_.emplace(format_, hide_usage);
  if (principal_->cost_comment_in_streams)
    meter_->on_before_end([this](const providers::AnswerSummary& summary) -> std::string {
      if (!summary.usage) return {};
      const Result<Nanos> cost = pricing::cost(*plan_.price, *summary.usage);
      return cost ? ": x-purser-cost-usd: " + format_usd(*cost) + "\n\n" : std::string();
    });

  std::string relayed;
  for (;;) {
    const http::BodyPiece piece = co_await upstream_->read_some();
    if (piece.failure != UpstreamFailure::none) {
      co_await end_stream(piece.failure);
      co_return;
    }
    if (!meter_->feed(piece.data, relayed)) {
      upstream_->close();
      co_await end_stream(UpstreamFailure::too_large);
      co_return;
    }
    if (piece.end) meter_->finish(relayed);
    const bool go_on = co_await pass_to_client(relayed);
    if (piece.end) break;
    if (!go_on) {
      upstream_->close();
      settle(Billed::unknown, "client_gone", &meter_->summary());
      client_.abort();
      co_return;
    }
  }
  co_await end_stream(UpstreamFailure::none);
}

// The stream is over: what was billed, and what the client has to be told.
boost::asio::awaitable<void> Exchange::end_stream(UpstreamFailure failure) {
  const providers::AnswerSummary& summary = meter_->summary();
  // Some chat servers never send [DONE]: their final usage ends the bill all the same.
  const bool known = summary.usage && (summary.complete || summary.usage_is_final);
  if (known) {
    settle(Billed::as_used, client_gone_ ? "client_gone_drained" : "complete", &summary);
  } else if (summary.provider_failed) {
    const bool nothing =
        !summary.any_output && providers::bills_nothing(format_, 200, summary.error_body);
    settle(nothing ? Billed::nothing : Billed::unknown, "provider_error", &summary);
  } else {
    const bool whole = failure == UpstreamFailure::none && summary.complete;
    const char* broken = failure == UpstreamFailure::none ? "cut" : ending_of(failure);
    settle(Billed::unknown, whole ? "no_usage" : broken, &summary);
  }
  if (client_gone_) {
    client_.abort();
    co_return;
  }
  const bool told = summary.complete || summary.provider_failed;
  if (!told) {
    const std::string& provider = options().providers[route_.entry].name;
    const std::string sentence = sentence_of(failure, provider, cut_by_us_);
    if (!client_.started()) {
      Error error{"upstream_failed", sentence, Side::provider};
      co_await refuse(502, std::move(error));
      co_return;
    }
    std::string event = meter_->between_frames() ? "" : "\n\n";
    event += providers::write_stream_error(format_, "upstream_failed", sentence);
    co_await client_.finish(event);
    co_return;
  }
  if (!client_.started()) {
    http::Fields fields = answer_fields();
    const bool taken = co_await client_.start(status_, std::move(fields));
    if (!taken) co_return;
  }
  co_await client_.finish();
}

}  // namespace purser::gateway
