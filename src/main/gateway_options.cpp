#include "gateway_options.h"

#include "purser/http/tls.h"
#include "purser/http/url.h"

namespace purser::main {
namespace {

gateway::ProviderKind kind_of(ProviderKind kind) {
  switch (kind) {
    case ProviderKind::openai:
      return gateway::ProviderKind::openai;
    case ProviderKind::anthropic:
      return gateway::ProviderKind::anthropic;
    case ProviderKind::openai_compatible:
      return gateway::ProviderKind::compatible;
    case ProviderKind::sandbox:
      return gateway::ProviderKind::sandbox;
  }
  return gateway::ProviderKind::compatible;
}

Result<gateway::ProviderEntry> entry_of(const ProviderConfig& config) {
  gateway::ProviderEntry entry;
  entry.name = config.name;
  entry.kind = kind_of(config.kind);
  entry.api_key = config.api_key;
  entry.models = config.models;
  entry.price_as = config.price_as;
  entry.ca_file = config.ca_file;
  entry.connect_timeout = config.connect_timeout;
  entry.first_byte_timeout = config.first_byte_timeout;
  entry.idle_timeout = config.idle_timeout;
  // A server of one's own (vLLM, Ollama) may need none; the two providers always do.
  entry.needs_key = config.kind == ProviderKind::openai || config.kind == ProviderKind::anthropic;
  if (config.kind == ProviderKind::sandbox) return entry;
  Result<http::Target> target = http::parse_base_url(config.base_url);
  if (!target)
    return Error{"bad_base_url", "The base_url of the provider " + config.name +
                                     " cannot be used: " + target.error().message};
  entry.target = std::move(*target);
  if (entry.target.tls) {
    const auto tls = http::TlsClientContext::make(entry.ca_file);
    if (!tls)
      return Error{tls.error().code, "Provider " + config.name + ": " + tls.error().message};
  }
  return entry;
}

}  // namespace

Result<gateway::GatewayOptions> gateway_options(const Config& config) {
  gateway::GatewayOptions options;
  for (const ProviderConfig& provider : config.providers) {
    if (provider.kind == ProviderKind::sandbox && !config.sandbox) continue;
    Result<gateway::ProviderEntry> entry = entry_of(provider);
    if (!entry) return entry.error();
    options.providers.push_back(std::move(*entry));
  }
  options.sandbox = config.sandbox;
  options.ask_url = config.ask_url;
  options.body_bytes = config.limits.body_bytes;
  options.holds_per_key = config.gateway.holds_per_key;
  options.drains = config.gateway.drains;
  options.drain_limit = config.gateway.drain_timeout;
  options.worker_threads = config.gateway.worker_threads;
  options.prefix_entries = config.gateway.prefix_entries;
  options.share_divisor = config.gateway.share_divisor;
  return options;
}

}  // namespace purser::main
