// What the readers of [[provider]] and [[channel]] entries share.
#include <fstream>

#include "config_reading.h"
#include "settings.h"

namespace purser::main {

namespace {
constexpr std::size_t kMostStringBytes = 256;
}  // namespace

std::optional<Duration> seconds_in(const toml::node& node) {
  std::optional<double> seconds = node.value_exact<double>();
  if (const auto whole = node.value_exact<std::int64_t>()) seconds = static_cast<double>(*whole);
  if (!seconds) return std::nullopt;
  const std::optional<Duration> duration = duration_of_seconds(*seconds);
  return duration && duration->count() > 0 ? duration : std::nullopt;
}

std::optional<std::vector<std::string>> strings_in(const toml::node& node, std::size_t most) {
  const toml::array* listed = node.as_array();
  if (listed == nullptr || listed->size() > most) return std::nullopt;
  std::vector<std::string> strings;
  for (const toml::node& each : *listed) {
    const auto text = each.value_exact<std::string>();
    if (!text || text->empty() || text->size() > kMostStringBytes) return std::nullopt;
    strings.push_back(*text);
  }
  return strings;
}

std::string first_line_of(const std::string& path) {
  std::string line;
  std::ifstream stream(path);
  std::getline(stream, line);
  return line;
}

}  // namespace purser::main
