// What people write: the configuration, a price book, an import. And the ledger's commands.
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "audit_file.h"
#include "config.h"
#include "csv.h"
#include "ledger_world.h"
#include "purser/pricing/price_book.h"
#include "targets.h"

namespace purser::fuzz {

namespace {

Result<main::Config> load(std::string_view toml) {
  static const std::string file = "/dev/shm/purser-fuzz-" + std::to_string(getpid()) + ".toml";
  std::ofstream(file, std::ios::binary | std::ios::trunc) << toml;
  Result<main::Config> loaded =
      main::load_config({file, [](const std::string&) { return std::nullopt; }});
  std::remove(file.c_str());
  return loaded;
}

std::string quoted(std::string_view field) {
  std::string out = "\"";
  for (const char c : field) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

std::string toml_line(const char* key, std::string_view value) {
  std::string out = std::string(key) + " = \"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"\n";
}

std::string secrets_of(const alerts::ChannelConfig& channel) {
  using alerts::ChannelKind;
  std::string out;
  if (channel.kind == ChannelKind::slack || channel.kind == ChannelKind::teams) {
    out += toml_line("url", channel.url);
  }
  if (!channel.smtp.password.empty()) out += toml_line("password", channel.smtp.password);
  if (!channel.routing_key.empty()) out += toml_line("routing_key", channel.routing_key);
  const char* key = "secret";
  for (const std::string& secret : channel.secrets) {
    out += toml_line(key, secret);
    key = "previous_secret";
  }
  return out;
}

// The secrets of channels are left out where a configuration is told, and a channel needs them.
std::string with_secrets(std::string told, const main::Config& config) {
  const std::string place = "# its secrets are not shown\n";
  std::size_t at = 0;
  for (const alerts::ChannelConfig& channel : config.channels) {
    at = told.find(place, at);
    PURSER_HOLDS(at != std::string::npos);
    told.replace(at, place.size(), secrets_of(channel));
  }
  return told;
}

}  // namespace

// A configuration that was taken, told as TOML, is taken again and is the same.
void config(std::string_view bytes) {
  const Result<main::Config> first = load(bytes);
  if (!first) {
    PURSER_HOLDS(!first.error().message.empty());
    return;
  }
  const std::string told = main::to_toml(*first);
  const Result<main::Config> second = load(with_secrets(told, *first));
  PURSER_HOLDS(second);
  PURSER_HOLDS(main::to_toml(*second) == told);
}

void price_book(std::string_view bytes) {
  const Result<pricing::PriceBook> book = pricing::PriceBook::parse(bytes);
  if (!book) {
    PURSER_HOLDS(!book.error().message.empty());
    return;
  }
  for (const char* name : {"gpt-4o-mini", "claude-haiku-4-5", ""}) {
    (void)book->find("openai", name, Instant{});
  }
}

// A trail that is intact and begins at its beginning counts on from 1, and is not intact when its
// entries stand there twice.
void audit_lines(std::string_view bytes) {
  const auto check = [](std::string text) {
    std::istringstream lines(std::move(text));
    return main::verify_audit_lines(lines, {});
  };
  const std::string text(bytes);
  const auto once = check(text);
  if (once.entries == 0) return;
  if (once.findings.empty()) PURSER_HOLDS(once.head.sequence == once.entries);
  PURSER_HOLDS(!check(text + "\n" + text).findings.empty());
}

// Rows within the bounds, each reported once; written with every field quoted, they read the same.
void csv(std::string_view bytes) {
  const auto rows = api::parse_csv(bytes);
  if (!rows) {
    PURSER_HOLDS(!rows.error().message.empty());
    return;
  }
  PURSER_HOLDS(rows->size() <= api::kMaxCsvRows);
  std::string again;
  std::size_t line = 0;
  for (const api::CsvRow& row : *rows) {
    PURSER_HOLDS(row.line > line && !row.fields.empty() && row.fields.size() <= api::kMaxCsvFields);
    line = row.line;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      again.append(i == 0 ? "" : ",").append(quoted(row.fields[i]));
    }
    again += "\r\n";
  }
  const auto second = api::parse_csv(again);
  PURSER_HOLDS(second && second->size() == rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    PURSER_HOLDS((*second)[i].fields == (*rows)[i].fields);
  }
}

// Two bytes choose a command; after each the ledger must agree with the model: I1, I4, I5, I9.
void ledger_commands(std::string_view bytes) {
  ledger::LedgerWorld world(ledger::LedgerProfile{});
  ledger::Distribution seen;
  for (std::size_t i = 0; i + 1 < bytes.size() && i < 1000; i += 2) {
    const auto high = static_cast<unsigned char>(bytes[i]);
    const auto low = static_cast<unsigned char>(bytes[i + 1]);
    const std::string problem = world.step(std::uint64_t{high} << 8 | low, seen);
    if (!problem.empty()) broken(problem.c_str(), __LINE__);
  }
  const std::string problem = world.finish(seen);
  if (!problem.empty()) broken(problem.c_str(), __LINE__);
}

}  // namespace purser::fuzz
