#include "log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "purser/base/text.h"

namespace purser::main {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::debug:
      return spdlog::level::debug;
  }
  return spdlog::level::info;
}

std::string id_text(std::string_view prefix, const Id& id) {
  return id.is_zero() ? std::string("-") : to_text(prefix, id);
}

// What a client chose (a model's name) is quoted, so that it cannot forge a line.
std::string request_text(const gateway::ExchangeRecord& r) {
  return fmt::format(
      "request {} {} status={} outcome={} user={} key={} provider={} model={} cost_usd={} ms={}",
      to_text("req", r.request), r.format, r.status, r.outcome, id_text("usr", r.user),
      id_text("key", r.key), quote_json(r.provider), quote_json(r.model), format_usd(r.cost),
      std::chrono::floor<std::chrono::milliseconds>(r.took).count());
}

std::string request_json(const gateway::ExchangeRecord& r) {
  return fmt::format(
      R"({{"event":"request","id":"{}","format":"{}","status":{},"outcome":{},"user":"{}","key":"{}","provider":{},"model":{},"cost_usd":"{}","ms":{}}})",
      to_text("req", r.request), r.format, r.status, quote_json(r.outcome), id_text("usr", r.user),
      id_text("key", r.key), quote_json(r.provider), quote_json(r.model), format_usd(r.cost),
      std::chrono::floor<std::chrono::milliseconds>(r.took).count());
}

}  // namespace

Log::Log(const LogConfig& config) : json_(config.format == LogFormat::json) {
  auto logger = spdlog::stderr_color_mt("purser");
  logger->set_pattern(json_ ? R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%v})"
                            : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v",
                      spdlog::pattern_time_type::utc);
  logger->set_level(level_of(config.level));
  spdlog::set_default_logger(logger);
}

void Log::set_level(LogLevel level) const { spdlog::set_level(level_of(level)); }

void Log::info(const std::string& text) const {
  spdlog::info("{}", json_ ? quote_json(text) : text);
}

void Log::error(const std::string& text) const {
  spdlog::error("{}", json_ ? quote_json(text) : text);
}

void Log::request(const gateway::ExchangeRecord& record) const {
  const bool well = !record.refused && record.outcome == "complete";
  const auto level = well ? spdlog::level::debug : spdlog::level::info;
  if (!spdlog::should_log(level)) return;
  spdlog::log(level, "{}", json_ ? request_json(record) : request_text(record));
}

}  // namespace purser::main
