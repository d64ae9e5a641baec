#include "cap_parts.h"

namespace purser::pages {

std::string cap_words(const json::value& cap) {
  const std::string period = text_at(cap, "period");
  const std::string scope = text_at(cap, "scope");
  const std::string name = text_at(cap, "name");
  std::string words = period == "none" ? "the cap of " : "the cap for each " + period + " of ";
  if (scope == "workspace") return words + "the whole workspace";
  return words + (scope == "user" ? "" : "the " + scope + " ") + name;
}

Html balance(const json::value& cap) {
  Html text = element("p", {},
                      {element("b", {}, {dollars(text_at(cap, "spent_usd"))}), " of ",
                       element("b", {}, {dollars(text_at(cap, "limit_usd"))}),
                       " spent, " + dollars(text_at(cap, "remaining_usd")) + " left."});
  const std::string resets = text_at(cap, "resets_at");
  std::string more;
  if (text_at(cap, "paused") == "true") more = "It is paused: new AI requests are refused. ";
  if (!resets.empty()) more += "A new cycle begins on " + moment(resets) + ".";
  if (const std::string until = text_at(cap, "raise.until"); !until.empty())
    more += " It is raised until " + moment(until) + ".";
  if (!more.empty()) text += element("p", {{"class", "hint"}}, {more});
  return text;
}

Page failed_page(const std::string& title, const Answer& answer) {
  Html body = problem(answer.message());
  body += element("p", {}, {link("/", "Back to the start")});
  return {title, body, answer.status};
}

}  // namespace purser::pages
