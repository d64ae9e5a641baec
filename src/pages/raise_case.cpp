#include "raise_case.h"

#include <vector>

#include "purser/base/money.h"

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

// A forecast is not known to the ninth decimal.
std::string in_cents(const std::string& usd) {
  const auto amount = parse_usd(usd);
  return dollars(amount ? format_usd_cents_up(*amount) : usd);
}

std::string forecast_sentence(const json::value& raise_case) {
  const std::string total = text_at(raise_case, "forecast.total_usd");
  if (total.empty()) return {};
  std::string text = "Expected by the end of the cycle: " + in_cents(total);
  const std::string low = text_at(raise_case, "forecast.low_usd");
  const std::string high = text_at(raise_case, "forecast.high_usd");
  if (!low.empty() && !high.empty())
    text += " (likely between " + in_cents(low) + " and " + in_cents(high) + ")";
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

struct Suggestion {
  std::string limit_usd, why;
};

std::vector<Suggestion> suggestions_of(const json::value& raise_case) {
  std::vector<Suggestion> found;
  const json::value* all = value_at(raise_case, "suggestions");
  if (!all || !all->is_array()) return found;
  for (const json::value& one : all->get_array())
    if (std::string limit = text_at(one, "limit_usd"); !limit.empty())
      found.push_back({std::move(limit), text_at(one, "why")});
  return found;
}

// Within a power of ten of what is suggested: more may be a typing error.
bool is_modest(const std::string& asked_usd, const std::vector<Suggestion>& suggested) {
  const auto asked = parse_usd(asked_usd), most = parse_usd(suggested.back().limit_usd);
  return asked && most && asked->count() / 10 <= most->count();
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
             const std::string& asked_by, const Form& filled) {
  const std::vector<Suggestion> suggested = suggestions_of(raise_case);
  const bool is_alone = asked_usd.empty() && suggested.empty();
  const Html free_field = single("input", {{"name", "other_usd"},
                                           {"inputmode", "decimal"},
                                           {"placeholder", "such as 300"},
                                           {"aria-label", "Another limit in USD"},
                                           {"value", filled.text("other_usd")},
                                           {"required", "", is_alone}});
  if (is_alone)
    return element(
        "fieldset", {},
        {element("legend", {}, {"New limit in USD"}), hidden("amount", "other"), free_field});
  std::string chosen = filled.text("amount");
  if (chosen.empty())
    chosen = suggested.empty() || is_modest(asked_usd, suggested) ? asked_usd
                                                                  : suggested.front().limit_usd;
  Html choices;
  if (!asked_usd.empty())
    choices += choice(asked_usd, chosen == asked_usd, dollars(asked_usd),
                      "what " + asked_by + " asks for. " + exposure_words(raise_case, asked_usd));
  for (const auto& [limit, why] : suggested) {
    if (limit != asked_usd)
      choices += choice(limit, chosen == limit, dollars(limit),
                        why + ". " + exposure_words(raise_case, limit));
  }
  choices += choice("other", chosen == "other", "Another limit in USD:", "");
  return element("fieldset", {}, {element("legend", {}, {"New limit"}), choices, free_field});
}

}  // namespace purser::pages
