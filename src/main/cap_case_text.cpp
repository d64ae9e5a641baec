#include "cap_case_text.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "call_verb.h"
#include "table.h"

namespace purser::main {
namespace {

namespace json = boost::json;

std::string text_at(const json::value& value, std::string_view path) {
  return printable(shown(member_at(value, path), Show::text));
}

std::string amount_at(const json::value& value, std::string_view path) {
  return shown(member_at(value, path), Show::amount);
}

const json::array& rows_at(const json::value& value, std::string_view path) {
  static const json::array kNone;
  const json::value* found = member_at(value, path);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

std::string balance_text(const json::value& raise_case) {
  const std::string resets = shown(member_at(raise_case, "cap.resets_at"), Show::time);
  return fmt::format("{}: {} of {} spent, {} held{}\n", text_at(raise_case, "subject"),
                     amount_at(raise_case, "cap.spent_usd"), amount_at(raise_case, "cap.limit_usd"),
                     amount_at(raise_case, "cap.held_usd"),
                     resets.empty() ? "" : "; resets " + resets + " (UTC)");
}

std::string forecast_text(const json::value& raise_case) {
  const std::string total = amount_at(raise_case, "forecast.total_usd");
  if (total.empty()) return {};
  std::string runs_out = shown(member_at(raise_case, "forecast.runs_out_at"), Show::time);
  if (text_at(raise_case, "cap.paused") == "yes") runs_out.clear();  // it has already
  return fmt::format("Expected by the end of the cycle: {}, likely between {} and {}.\n{}", total,
                     amount_at(raise_case, "forecast.low_usd"),
                     amount_at(raise_case, "forecast.high_usd"),
                     runs_out.empty() ? "" : "It runs out " + runs_out + " (UTC).\n");
}

std::string breakdown_text(const json::value& raise_case) {
  std::string out;
  for (const auto& [heading, path] :
       {std::pair{"BY USER", "breakdown.by_user"}, std::pair{"BY PROJECT", "breakdown.by_project"},
        std::pair{"BY MODEL", "breakdown.by_model"}}) {
    Table table({{heading}, {"COST", Align::right}, {"SHARE", Align::right}});
    for (const json::value& part : rows_at(raise_case, path))
      table.add({text_at(part, "name"), amount_at(part, "cost_usd"),
                 fmt::format("{:.0f} %", part.at("percent").to_number<double>())});
    if (!table.empty()) out += "\n" + table.text();
  }
  return out;
}

std::string exposure_with(const json::value& raise_case, const std::string& limit) {
  for (const json::value& one : rows_at(raise_case, "exposure.after"))
    if (text_at(one, "limit_usd") == limit) return amount_at(one, "exposure_usd");
  return {};
}

std::string choices_text(const json::value& raise_case) {
  Table table({{"LIMIT", Align::right}, {"WORST-CASE MONTH", Align::right}, {"WHY"}});
  const std::string before = amount_at(raise_case, "exposure.before_usd");
  table.add({amount_at(raise_case, "cap.limit_usd"), before, "as it is"});
  for (const json::value& one : rows_at(raise_case, "suggestions"))
    table.add({amount_at(one, "limit_usd"), exposure_with(raise_case, text_at(one, "limit_usd")),
               text_at(one, "why")});
  const std::size_t suggested = rows_at(raise_case, "suggestions").size();
  const json::array& after = rows_at(raise_case, "exposure.after");
  for (std::size_t i = suggested; i < after.size(); ++i)
    table.add({amount_at(after[i], "limit_usd"), amount_at(after[i], "exposure_usd"), "asked for"});
  return "\n" + table.text();
}

}  // namespace

std::string cap_case_text(const json::value& raise_case) {
  std::string out = balance_text(raise_case);
  if (const std::string pace = text_at(raise_case, "pace.text"); !pace.empty()) out += pace + "\n";
  return out + forecast_text(raise_case) + breakdown_text(raise_case) + choices_text(raise_case);
}

}  // namespace purser::main
