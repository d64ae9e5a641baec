#include "settings.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <type_traits>

namespace purser::main {

namespace {

constexpr std::int64_t kMillisecondsPerDay = 86'400'000;
constexpr std::int64_t kLargestCount = 1'000'000'000;
constexpr std::int64_t kLargestBytes = std::int64_t{1} << 40;

template <typename Enum>
std::optional<Enum> parse_name(std::string_view text, std::initializer_list<Enum> all) {
  for (const Enum value : all) {
    if (name(value) == text) return value;
  }
  return std::nullopt;
}

constexpr auto kLogLevels = {LogLevel::error, LogLevel::warn, LogLevel::info, LogLevel::debug};
constexpr auto kLogFormats = {LogFormat::text, LogFormat::json};

std::optional<double> number_of(const SettingValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

// One overload for each kind of place. The text that comes back is empty or says what is expected.
std::string put(const Setting&, std::string* place, const SettingValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return "must be a string, in quotation marks";
  *place = *text;
  return "";
}

std::string put(const Setting&, bool* place, const SettingValue& value) {
  const bool* flag = std::get_if<bool>(&value);
  if (flag == nullptr) return "must be true or false";
  *place = *flag;
  return "";
}

template <typename Number>
std::string put(const Setting& setting, Number* place, const SettingValue& value) {
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (whole == nullptr || *whole < setting.least || *whole > setting.most) {
    return fmt::format("must be a whole number from {} to {}", setting.least, setting.most);
  }
  *place = static_cast<Number>(*whole);
  return "";
}

std::string put(const Setting& setting, Duration* place, const SettingValue& value) {
  const std::optional<double> seconds = number_of(value);
  const std::optional<Duration> duration =
      seconds ? duration_of_seconds(*seconds) : std::optional<Duration>{};
  if (!duration || *duration < std::chrono::milliseconds(setting.least) ||
      *duration > std::chrono::milliseconds(setting.most)) {
    return fmt::format("must be a number of seconds from {} to {}",
                       static_cast<double>(setting.least) / 1000,
                       static_cast<double>(setting.most) / 1000);
  }
  *place = *duration;
  return "";
}

std::string put(const Setting&, LogLevel* place, const SettingValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto level = text ? parse_name(*text, kLogLevels) : std::optional<LogLevel>{};
  if (!level) return "must be \"error\", \"warn\", \"info\" or \"debug\"";
  *place = *level;
  return "";
}

std::string put(const Setting&, LogFormat* place, const SettingValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto format = text ? parse_name(*text, kLogFormats) : std::optional<LogFormat>{};
  if (!format) return "must be \"text\" or \"json\"";
  *place = *format;
  return "";
}

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void add_limits(std::vector<Setting>& all, http::Limits& limits) {
  const auto bytes = [&](const char* key, std::size_t& place, std::int64_t least) {
    all.push_back({"limits", key, &place, least, kLargestBytes});
  };
  const auto count = [&](const char* key, std::size_t& place) {
    all.push_back({"limits", key, &place, 1, kLargestCount});
  };
  const auto seconds = [&](const char* key, Duration& place) {
    all.push_back({"limits", key, &place, 1, kMillisecondsPerDay});
  };
  bytes("head_bytes", limits.head_bytes, 1024);
  count("field_count", limits.field_count);
  bytes("target_bytes", limits.target_bytes, 64);
  bytes("body_bytes", limits.body_bytes, 1024);
  bytes("buffered_bytes", limits.buffered_bytes, 1024);
  bytes("chunk_line_bytes", limits.chunk_line_bytes, 16);
  bytes("trailer_bytes", limits.trailer_bytes, 0);
  count("connections", limits.connections);
  count("requests_per_connection", limits.requests_per_connection);
  seconds("tls_handshake_timeout_seconds", limits.tls_handshake_timeout);
  seconds("head_timeout_seconds", limits.head_timeout);
  seconds("idle_timeout_seconds", limits.idle_timeout);
  seconds("body_idle_timeout_seconds", limits.body_idle_timeout);
  seconds("body_total_timeout_seconds", limits.body_total_timeout);
  seconds("write_timeout_seconds", limits.write_timeout);
  seconds("linger_timeout_seconds", limits.linger_timeout);
  bytes("linger_bytes", limits.linger_bytes, 0);
}

void add_gateway(std::vector<Setting>& all, GatewayConfig& gateway) {
  all.push_back({"gateway", "holds_per_key", &gateway.holds_per_key, 1, kLargestCount});
  all.push_back(
      {"gateway", "drain_timeout_seconds", &gateway.drain_timeout, 0, kMillisecondsPerDay});
  all.push_back({"gateway", "drains", &gateway.drains, 0, kLargestCount});
  all.push_back({"gateway", "worker_threads", &gateway.worker_threads, 1, 256});
  all.push_back({"gateway", "share_divisor", &gateway.share_divisor, 1, 1000});
  all.push_back({"gateway", "prefix_entries", &gateway.prefix_entries, 0, kLargestCount});
}

}  // namespace

std::string Setting::path() const { return section.empty() ? key : section + "." + key; }

std::string Setting::environment_variable() const {
  std::string variable = "PURSER_";
  for (const char letter : section.empty() ? key : section + "_" + key) {
    variable += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return variable;
}

std::vector<Setting> settings_of(Config& config) {
  std::vector<Setting> all{
      {"", "listen", &config.listen},
      {"", "port", &config.port, 0, 65535},
      {"", "admin_listen", &config.admin_listen},
      {"", "threads", &config.threads, 0, 1024},
      {"", "data_dir", &config.data_dir},
      {"", "sandbox", &config.sandbox},
      {"", "command_log", &config.command_log},
      {"", "public_url", &config.public_url},
      {"", "ask_url", &config.ask_url},
      {"", "shutdown_drain_seconds", &config.shutdown_drain, 0, kMillisecondsPerDay},
      {"tls", "certificate_file", &config.tls.certificate_file},
      {"tls", "key_file", &config.tls.key_file},
      {"log", "level", &config.log.level},
      {"log", "format", &config.log.format},
  };
  add_limits(all, config.limits);
  add_gateway(all, config.gateway);
  return all;
}

std::string assign(const Setting& setting, const SettingValue& value) {
  return std::visit([&](auto* place) { return put(setting, place, value); }, setting.place);
}

std::string assign_text(const Setting& setting, const std::string& text) {
  return std::visit(
      [&](auto* place) -> std::string {
        using Value = std::remove_pointer_t<decltype(place)>;
        if constexpr (std::is_same_v<Value, bool>) {
          if (text == "true" || text == "1") return assign(setting, true);
          if (text == "false" || text == "0") return assign(setting, false);
        } else if constexpr (std::is_same_v<Value, Duration>) {
          if (const auto number = parse_number<double>(text)) return assign(setting, *number);
        } else if constexpr (std::is_integral_v<Value>) {
          if (const auto number = parse_number<std::int64_t>(text)) return assign(setting, *number);
        }
        // Strings and names as they are; for the rest this gives the sentence of what is expected.
        return assign(setting, text);
      },
      setting.place);
}

std::vector<std::string> changed_for_next_start(const Config& running, const Config& next) {
  static const std::set<std::string> kOnlyAtStart = {"listen",
                                                     "port",
                                                     "admin_listen",
                                                     "threads",
                                                     "data_dir",
                                                     "sandbox",
                                                     "command_log",
                                                     "public_url",
                                                     "tls.certificate_file",
                                                     "tls.key_file",
                                                     "log.format",
                                                     "gateway.worker_threads",
                                                     "gateway.prefix_entries"};
  Config before = running;
  Config after = next;
  const std::vector<Setting> old_settings = settings_of(before);
  const std::vector<Setting> new_settings = settings_of(after);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < old_settings.size(); ++i) {
    const bool equal = std::visit(
        [&](auto* place) { return *place == *std::get<decltype(place)>(new_settings[i].place); },
        old_settings[i].place);
    if (!equal && kOnlyAtStart.contains(old_settings[i].path()))
      changed.push_back(old_settings[i].path());
  }
  return changed;
}

std::optional<Duration> duration_of_seconds(double seconds) {
  constexpr double kLongest = 366.0 * 86'400;
  if (!(seconds >= 0 && seconds <= kLongest)) return std::nullopt;
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

}  // namespace purser::main
