// Asking those who may grant it for a raise.
#include "cap_parts.h"
#include "each_page.h"
#include "purser/base/money.h"

namespace purser::pages {

Page ask_page(const Visit& visit, const std::string& cap_id, const std::string& what_failed,
              int status) {
  Html body;
  if (!what_failed.empty()) body += problem(what_failed);
  if (cap_id.empty()) {
    body += element(
        "p", {},
        {"This asks about the cap that refuses your requests now or, where none does, about your "
         "own."});
  } else {
    // A cap that may be asked about need not be one whose balance may be read: a label's, say.
    const Answer cap = visit.get("/api/v1/caps/" + percent_encoded(cap_id));
    if (cap.status == 404) return failed_page("There is no such cap", cap);
    if (cap.ok()) {
      body += element("p", {}, {"It is " + cap_words(cap.body) + "."});
      body += balance(cap.body);
    }
  }
  const std::string path = cap_id.empty() ? "/ask" : "/ask/" + percent_encoded(cap_id);
  const Html reason = element(
      "textarea", {{"name", "reason"}, {"rows", "3"}, {"maxlength", "500"}, {"required", ""}},
      {visit.form().text("reason")});
  const Html amount = single(
      "input",
      {{"name", "limit_usd"}, {"inputmode", "decimal"}, {"value", visit.form().text("limit_usd")}});
  body += element("form", {{"method", "post"}, {"action", path}},
                  {visit.token(), labelled("What do you need it for?", reason),
                   labelled("The limit that you need, in USD (may be left empty)", amount),
                   button("Ask for a raise")});
  return {"Ask for a raise", body, status};
}

Page ask(const Visit& visit, const std::string& cap) {
  const std::string reason = visit.form().text("reason");
  if (reason.empty()) return ask_page(visit, cap, "Say what you need it for.", 400);
  json::object asked{{"reason", reason}};
  if (!cap.empty()) asked["cap"] = cap;
  std::string limit = visit.form().text("limit_usd");
  if (limit.starts_with('$')) limit.erase(0, 1);
  if (!limit.empty() && !parse_usd(limit))
    return ask_page(visit, cap, "“" + limit + "” is no amount in USD: write it as 300 or 12.50.",
                    400);
  if (!limit.empty()) asked["limit_usd"] = limit;
  const Answer answer = visit.post("/api/v1/raise-requests", asked);
  if (!answer.ok()) return ask_page(visit, cap, answer.message(), answer.status);
  const bool again = text_at(answer.body, "times") != "1";
  const json::value* about = value_at(answer.body, "cap");
  Html body;
  if (about) body += element("p", {}, {"You asked about " + cap_words(*about) + "."});
  body += element("p", {},
                  {again ? "You had asked before; both are one request now."
                         : "Those who may grant it hear of it now."});
  body += element("p", {},
                  {"You hear of the answer. The request is open until " +
                   moment(text_at(answer.body, "expires_at")) + "."});
  body += element("p", {}, {link("/", "Back to the start")});
  return {"Your request is on its way", body};
}

}  // namespace purser::pages
