// The configuration of one gateway: a TOML file, then the environment over it. Every setting, with
// its default and what it means, stands in purser.toml.example at the top of the repository; a test
// holds the two together.
//
//   Result<Config> config = load_config({.file = "purser.toml", .environment =
//   process_environment}); if (!config) ...config.error().message: "purser.toml:7:3: there is no
//   setting `limits.hed_bytes`;
//                                            did you mean `head_bytes`?"
//
// Which file: the one named, else $PURSER_CONFIG, else <data_dir>/purser.toml where it exists (with
// the data_dir of $PURSER_DATA_DIR or the default), else none.
//
// Environment: PURSER_ and the setting's place in upper case, with `_` between section and key:
// PURSER_PORT, PURSER_DATA_DIR, PURSER_LOG_LEVEL, PURSER_LIMITS_BODY_BYTES. An empty variable
// counts as not set. Provider and channel entries come from the file only, but for their secrets.
//
// Units: `_seconds` in the file (fractions are allowed), `Duration` here; sizes in bytes.
// Threading: values; reload by loading again (SIGHUP).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/alerts/channel.h"
#include "purser/base/env.h"
#include "purser/base/result.h"
#include "purser/http/limits.h"

namespace purser::main {

enum class LogLevel : std::uint8_t { error, warn, info, debug };
enum class LogFormat : std::uint8_t { text, json };

// What a provider entry speaks. `openai_compatible` is written "openai-compatible".
enum class ProviderKind : std::uint8_t { openai, anthropic, openai_compatible, sandbox };

struct TlsConfig {
  std::string certificate_file;  // PEM, with its chain; empty: plain HTTP
  std::string key_file;          // PEM
  bool enabled() const { return !certificate_file.empty(); }
};

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

struct GatewayConfig {
  std::size_t holds_per_key = 64;                      // requests in flight; one more: 429
  Duration drain_timeout = std::chrono::seconds{300};  // of an upstream whose client has gone
  std::size_t drains = 256;                            // at once; beyond it: settled in full
  std::size_t worker_threads = 4;                      // for the REST API, which blocks
  std::int64_t share_divisor = 8;        // no hold exceeds remaining ÷ this (or the smallest form)
  std::size_t prefix_entries = 100'000;  // remembered prefixes, for tighter bounds
};

struct ProviderConfig {
  std::string name;  // "openai"; routes "openai/gpt-5" and stands in x-purser-provider
  ProviderKind kind = ProviderKind::openai_compatible;
  std::string base_url;  // without a `/v1` at its end: Purser appends "/v1/chat/completions"
  std::string api_key;   // resolved from api_key, api_key_file or api_key_env; empty: none
  std::vector<std::string> models;  // globs ("llama-*") of names that route here; empty: by book
  std::string price_as;             // whose prices hold; resolved: its own name by default
  std::string ca_file;              // PEM; empty: the system's
  Duration connect_timeout = std::chrono::seconds{10};
  Duration first_byte_timeout = std::chrono::seconds{600};
  Duration idle_timeout = std::chrono::seconds{300};
};

struct Config {
  std::string file;  // what was read; empty: none

  std::string listen = "127.0.0.1";  // a numeric address
  std::uint16_t port = 8484;         // 0: any free one
  std::string admin_listen;          // "127.0.0.1:9484": /metrics, /healthz, /readyz there alone;
                                     // empty: on the main address
  std::size_t threads = 0;           // 0: one for each core
  std::string data_dir;              // resolved, never empty
  bool sandbox = false;              // it answers for providers that have no key
  bool command_log = false;
  std::string
      public_url;       // "https://purser.example.com": how people reach it; empty: as it listens
  std::string ask_url;  // in refusals: where to ask for a raise; empty: none
  Duration shutdown_drain = std::chrono::seconds{30};

  TlsConfig tls;
  LogConfig log;
  http::Limits limits;
  GatewayConfig gateway;

  // The built-in entries "openai", "anthropic" and "sandbox" (a [[provider]] of the same name
  // changes what it names), then those of the file in its order.
  std::vector<ProviderConfig> providers;

  // The [[channel]] entries, in the order of the file; secrets resolved.
  std::vector<alerts::ChannelConfig> channels;
};

// A variable's value; nothing where it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> process_environment(const std::string& name);

struct ConfigSource {
  std::string file;  // of --config; empty: found as said above
  Environment environment = process_environment;
};

// Errors: `no_config_file`, `bad_config` (file, line and column, or the variable, in the message).
Result<Config> load_config(const ConfigSource& source);

// The settings in force as TOML, the secrets of providers and channels left out. Two configurations
// are equal where this is.
std::string to_toml(const Config& config);

std::string_view name(LogLevel level);
std::string_view name(LogFormat format);
std::string_view name(ProviderKind kind);

}  // namespace purser::main
