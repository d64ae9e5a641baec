#include "cap_parts.h"
#include "each_page.h"

namespace purser::pages {
namespace {

Html own_caps(const Visit& visit) {
  const json::value* caps = value_at(visit.me(), "caps");
  if (!caps || !caps->is_array()) return {};
  const bool is_admin = visit.visitor()->is_admin();
  Html rows;
  for (const json::value& cap : caps->get_array()) {
    const std::string id = percent_encoded(text_at(cap, "id"));
    std::string heading = cap_words(cap);
    heading.front() = 'T';
    rows += element("h2", {}, {heading});
    rows += balance(cap);
    rows += element(
        "p", {},
        {is_admin ? link("/raise/" + id, "Raise it") : link("/ask/" + id, "Ask for a raise")});
  }
  return rows;
}

// What refuses their requests now.
Html own_pauses(const Visit& visit) {
  const json::value* pauses = value_at(visit.me(), "pauses");
  if (!pauses || !pauses->is_array()) return {};
  Html html;
  for (const json::value& pause : pauses->get_array()) {
    if (text_at(pause, "own") != "true") continue;
    std::string text =
        "Your AI requests are refused: " + text_at(pause, "scope") + " " + text_at(pause, "name");
    if (text_at(pause, "why") == "stopped") {
      text += " is stopped (" + text_at(pause, "reason") + ").";
    } else {
      text += " has spent its cap";
      if (const std::string until = text_at(pause, "until"); !until.empty())
        text += "; a new cycle begins on " + moment(until);
      text += ".";
    }
    html += problem(text);
  }
  return html;
}

Html open_requests(const Visit& visit) {
  const Answer answer = visit.get("/api/v1/raise-requests", "state=open&limit=20");
  const json::value* items = value_at(answer.body, "items");
  if (!answer.ok() || !items || !items->is_array() || items->get_array().empty()) return {};
  const bool is_admin = visit.visitor()->is_admin();
  Html rows;
  for (const json::value& item : items->get_array()) {
    const json::value* cap = value_at(item, "cap");
    const std::string text =
        text_at(item, "asked_by.name") + ", about " + (cap ? cap_words(*cap) : "a cap");
    const std::string path = "/raise/" + percent_encoded(text_at(item, "cap.id")) +
                             "?request=" + percent_encoded(text_at(item, "id"));
    rows += element("li", {}, {is_admin ? link(path, text) : Html(text)});
  }
  Html html = element("h2", {}, {"Open requests for a raise"});
  html += element("ul", {}, {rows});
  return html;
}

}  // namespace

Page start_page(const Visit& visit) {
  const Visitor& who = *visit.visitor();
  Html body = element(
      "nav", {},
      {element("span", {}, {"Signed in as " + who.name + " (" + who.email + "), " + who.role}),
       element("form", {{"method", "post"}, {"action", "/sign-out"}},
               {visit.token(),
                element("button", {{"type", "submit"}, {"class", "plain"}}, {"Sign out"})})});
  body += own_pauses(visit);
  body += open_requests(visit);
  body += own_caps(visit);
  return {text_at(visit.me(), "workspace.name"), body};
}

}  // namespace purser::pages
