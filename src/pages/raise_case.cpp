#include "raise_case.h"

namespace purser::pages {
namespace {

constexpr std::size_t kMostRows = 10;

Html breakdown_table(const json::value& raise_case, std::string_view member, Constant heading) {
  const json::value* rows = value_at(raise_case, member);
  if (!rows || !rows->is_array() || rows->get_array().empty()) return {};
  Html lines;
  std::size_t count = 0;
  for (const json::value& row : rows->get_array()) {
    if (++count > kMostRows) break;
    lines += element("tr", {},
                     {element("td", {}, {text_at(row, "name")}),
                      element("td", {{"class", "n"}}, {dollars(text_at(row, "cost_usd"))}),
                      element("td", {{"class", "n"}}, {text_at(row, "percent") + " %"})});
  }
  Html head = element("tr", {},
                      {element("th", {{"scope", "col"}}, {heading.text()}),
                       element("th", {{"scope", "col"}, {"class", "n"}}, {"Spent"}),
                       element("th", {{"scope", "col"}, {"class", "n"}}, {"Share"})});
  return element("table", {}, {element("thead", {}, {head}), element("tbody", {}, {lines})});
}

std::string forecast_sentence(const json::value& raise_case) {
  const std::string total = text_at(raise_case, "forecast.total_usd");
  if (total.empty()) return {};
  std::string text = "Expected by the end of the cycle: " + dollars(total);
  const std::string low = text_at(raise_case, "forecast.low_usd");
  const std::string high = text_at(raise_case, "forecast.high_usd");
  if (!low.empty() && !high.empty())
    text += " (likely between " + dollars(low) + " and " + dollars(high) + ")";
  text += ".";
  const std::string runs_out = text_at(raise_case, "forecast.runs_out_at");
  const bool is_out = text_at(raise_case, "cap.paused") == "true";
  if (!runs_out.empty() && !is_out)
    text += " At this pace it runs out on " + moment(runs_out) + ".";
  return text;
}

// "the workspace's worst case: $10,000.00 → $10,200.00"
std::string exposure_words(const json::value& raise_case, const std::string& limit) {
  const std::string before = text_at(raise_case, "exposure.before_usd");
  const json::value* after = value_at(raise_case, "exposure.after");
  if (before.empty() || !after || !after->is_array()) return {};
  for (const json::value& one : after->get_array()) {
    if (text_at(one, "limit_usd") != limit) continue;
    const std::string exposure = text_at(one, "exposure_usd");
    if (exposure == before)
      return "The worst-case bill of the month stays " + dollars(before) + ".";
    return "The worst-case bill of the month: " + dollars(before) + " → " + dollars(exposure) + ".";
  }
  return {};
}

Html choice(const std::string& value, bool is_chosen, std::string_view label,
            const std::string& hint) {
  Html field =
      single("input",
             {{"type", "radio"}, {"name", "amount"}, {"value", value}, {"checked", "", is_chosen}});
  Html inside = field;
  inside += element("b", {}, {label});
  if (!hint.empty()) inside += element("span", {{"class", "hint"}}, {" " + hint});
  return element("label", {}, {inside});
}

}  // namespace

Html case_text(const json::value& raise_case) {
  if (!raise_case.is_object()) return {};
  Html text;
  if (const std::string pace = text_at(raise_case, "pace.text"); !pace.empty())
    text += element("p", {}, {pace});
  if (const std::string forecast = forecast_sentence(raise_case); !forecast.empty())
    text += element("p", {}, {forecast});
  Html tables = breakdown_table(raise_case, "breakdown.by_user", "Who");
  tables += breakdown_table(raise_case, "breakdown.by_project", "Project");
  tables += breakdown_table(raise_case, "breakdown.by_model", "Model");
  if (tables.empty()) return text;
  text += element("details", {}, {element("summary", {}, {"Who consumed what"}), tables});
  return text;
}

Html amounts(const json::value& raise_case, const std::string& asked_usd,
             const std::string& asked_by) {
  Html choices;
  bool is_first = true;
  if (!asked_usd.empty()) {
    choices += choice(asked_usd, true, dollars(asked_usd),
                      "what " + asked_by + " asks for. " + exposure_words(raise_case, asked_usd));
    is_first = false;
  }
  const json::value* suggestions = value_at(raise_case, "suggestions");
  if (suggestions && suggestions->is_array()) {
    for (const json::value& one : suggestions->get_array()) {
      const std::string limit = text_at(one, "limit_usd");
      if (limit.empty() || limit == asked_usd) continue;
      choices += choice(limit, is_first, dollars(limit),
                        text_at(one, "why") + ". " + exposure_words(raise_case, limit));
      is_first = false;
    }
  }
  const Html free_field = single("input", {{"name", "other_usd"},
                                           {"inputmode", "decimal"},
                                           {"placeholder", "such as 300"},
                                           {"aria-label", "Another limit in USD"},
                                           {"required", "", is_first}});
  if (is_first)
    return element(
        "fieldset", {},
        {element("legend", {}, {"New limit in USD"}), hidden("amount", "other"), free_field});
  choices += choice("other", false, "Another limit in USD:", "");
  return element("fieldset", {}, {element("legend", {}, {"New limit"}), choices, free_field});
}

}  // namespace purser::pages
