// What the gateway is told at its start: its providers and its bounds. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "purser/base/env.h"
#include "purser/http/limits.h"
#include "purser/http/url.h"

namespace purser::gateway {

enum class ProviderKind : std::uint8_t { openai, anthropic, compatible, sandbox };

struct ProviderEntry {
  std::string name;  // "openai", "openrouter"; the prefix that names it in a model
  ProviderKind kind = ProviderKind::openai;
  http::Target target;
  std::string api_key;              // empty: none yet
  bool needs_key = true;            // a local server may need none
  std::vector<std::string> models;  // names or "prefix*" that lead here, besides the price book's
  std::string price_as;             // whose prices hold, in the price book
  std::string ca_file;              // empty: the system's
  Duration connect_timeout = std::chrono::seconds(10);
  Duration first_byte_timeout = std::chrono::seconds(600);
  Duration idle_timeout = std::chrono::seconds(300);
};

struct GatewayOptions {
  std::vector<ProviderEntry> providers;
  bool sandbox = false;  // the sandbox answers for providers that need a key and have none
  http::Target sandbox_target;
  // Where a refusal sends people to ask for more, as it is; may be empty. Else Purser's own page,
  // which takes the id of the cap that refuses: "https://purser.example.com/ask".
  std::string ask_url;
  std::string ask_page;

  std::size_t body_bytes = 64u * 1024 * 1024;
  std::size_t json_answer_bytes = 32u * 1024 * 1024;  // beyond it an answer is streamed
  std::size_t holds_per_key = 64;
  std::size_t drains = 256;  // streams read to their end after their client went
  Duration drain_limit = std::chrono::seconds(300);
  std::size_t worker_threads = 2;  // for what blocks: resolving keys, the REST API
  std::size_t worker_queue = 1024;
  std::size_t prefix_entries = 100'000;
  std::size_t refusals_kept = 10'000;
  std::int64_t share_divisor = 8;
};

}  // namespace purser::gateway
