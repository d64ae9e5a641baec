#include "zone_rules.h"

#include <date/tz.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "posix_zone_rule.h"

namespace purser {
namespace {

using std::chrono::floor;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// "new york" and "New_York" are one to a person who types.
std::string folded(std::string_view text) {
  std::string result;
  for (char c : text) {
    result += c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

// The zone that was probably meant: the same name in another case, or its city alone.
std::string likely_zone(const std::string& asked) {
  const std::string wanted = folded(asked);
  std::string by_city;
  for (const auto& zone : date::get_tzdb().zones) {
    const std::string candidate = folded(zone.name());
    if (candidate == wanted) return zone.name();
    const auto slash = candidate.rfind('/');
    if (slash != std::string::npos && candidate.substr(slash + 1) == wanted && by_city.empty()) {
      by_city = zone.name();
    }
  }
  return by_city;
}

Error unknown_zone(const std::string& zone, const std::string& why, const std::string& meant) {
  Error error{.code = "unknown_zone", .message = {}, .side = Side::client};
  error.message = "The time zone '" + zone + "' cannot be used: " + why + ". ";
  error.message += meant.empty() ? "Name it as the tz database does, such as 'Europe/Berlin', "
                                   "'America/New_York' or 'UTC'."
                                 : "Did you mean '" + meant + "'?";
  return error;
}

bool by_instant(const PosixZoneRule::Transition& a, const PosixZoneRule::Transition& b) {
  return a.at < b.at;
}

// The rule in the last line of the zone's file. The name is one that the library knows, so it leads
// to no file elsewhere. None where there is no such file, or no rule: then the last offset stays.
std::optional<PosixZoneRule> rule_of(const std::string& zone) {
  constexpr std::size_t kLongestRule = 128;
  const std::filesystem::path path = std::filesystem::path("/usr/share/zoneinfo") / zone;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size < kLongestRule) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(kLongestRule), std::ios::end);
  const std::string end{std::istreambuf_iterator<char>(file), {}};
  if (end.empty() || end.back() != '\n') return std::nullopt;
  const std::size_t line = end.rfind('\n', end.size() - 2);
  if (line == std::string::npos) return std::nullopt;
  return PosixZoneRule::parse(std::string_view(end).substr(line + 1, end.size() - line - 2));
}

}  // namespace

Result<ZoneRules> ZoneRules::load(const std::string& zone) {
  ZoneRules rules;
  if (zone == "UTC") {
    rules.spans_.push_back({sys_seconds::min(), seconds{0}});
    return rules;
  }
  // The library throws where there is no tz database, no such zone, or a damaged file.
  try {
    const auto& zones = date::get_tzdb().zones;
    const auto found = std::find_if(zones.begin(), zones.end(),
                                    [&](const auto& known) { return known.name() == zone; });
    if (found == zones.end()) {
      return unknown_zone(zone, "the tz database has no zone of that name", likely_zone(zone));
    }
    sys_seconds at = kZoneRulesBegin;
    while (at < sys_seconds{kZoneRulesEnd}) {
      const date::sys_info info = found->get_info(at);
      const sys_seconds begin = rules.spans_.empty() ? sys_seconds::min() : at;
      rules.spans_.push_back({begin, info.offset});
      if (info.end <= at) break;
      at = info.end;
    }
    if (const auto rule = rule_of(zone)) rules.go_on_by(*rule);
    return rules;
  } catch (const std::exception& failure) {
    return unknown_zone(
        zone,
        std::string("the system's tz database (Debian package tzdata) failed: ") + failure.what(),
        "");
  }
}

void ZoneRules::go_on_by(const PosixZoneRule& rule) {
  const auto add = [this](const PosixZoneRule::Transition& transition) {
    if (transition.at <= spans_.back().begin || transition.offset == spans_.back().offset) return;
    spans_.push_back({transition.at, transition.offset});
  };
  const auto last_listed = std::max(spans_.back().begin, sys_seconds{kZoneRulesBegin});
  const auto year_of = [](sys_seconds instant) {
    return std::chrono::year_month_day{floor<std::chrono::days>(instant)}.year();
  };
  for (auto year = year_of(last_listed); year < year_of(kZoneRulesEnd); ++year) {
    const auto [to_other, to_standard] = rule.transitions_of(year);
    add(std::min(to_other, to_standard, by_instant));
    add(std::max(to_other, to_standard, by_instant));
  }
}

std::size_t ZoneRules::span_at(sys_seconds instant) const {
  const auto after =
      std::upper_bound(spans_.begin(), spans_.end(), instant,
                       [](sys_seconds value, const Span& span) { return value < span.begin; });
  return static_cast<std::size_t>(after - spans_.begin()) - 1;
}

seconds ZoneRules::offset_at(Instant instant) const {
  return spans_[span_at(floor<seconds>(instant))].offset;
}

sys_seconds ZoneRules::local_time(Instant instant) const {
  return floor<seconds>(instant) + offset_at(instant);
}

Instant ZoneRules::first_instant_of(std::chrono::sys_days local_day) const {
  const sys_seconds midnight = local_day;
  // No offset has ever reached 16 hours, so a day earlier the clock has not yet shown this date.
  std::size_t at = span_at(midnight - hours{24});
  for (; at + 1 < spans_.size(); ++at) {
    const sys_seconds shown = midnight - spans_[at].offset;
    if (shown < spans_[at + 1].begin) return std::max(shown, spans_[at].begin);
  }
  return std::max(midnight - spans_[at].offset, spans_[at].begin);
}

}  // namespace purser
