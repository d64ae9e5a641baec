// The case for a raise, and the one button that grants it.
#include "cap_parts.h"
#include "each_page.h"
#include "purser/base/money.h"
#include "raise_case.h"

namespace purser::pages {
namespace {

constexpr Constant kAmount = "amount";

Html durations(bool has_cycle, const Form& filled) {
  std::string until = filled.text("until");
  if (until.empty()) until = has_cycle ? "cycle_end" : "for_good";
  const auto choice = [&until](const std::string& value, std::string_view label) {
    return element("label", {},
                   {single("input", {{"type", "radio"},
                                     {"name", "until"},
                                     {"value", value},
                                     {"checked", "", value == until}}),
                    label});
  };
  Html choices = element("legend", {}, {"For how long"});
  if (has_cycle) choices += choice("cycle_end", "This cycle: it falls back by itself");
  choices += choice("date", "Until a day:");
  choices += single("input", {{"type", "date"},
                              {"name", "until_date"},
                              {"value", filled.text("until_date")},
                              {"aria-label", "Until which day"}});
  choices += choice("for_good", "For good");
  return element("fieldset", {}, {choices});
}

Html request_text(const json::value& request) {
  const std::string who = text_at(request, "asked_by.name");
  std::string text = who + " asks for more";
  if (const std::string amount = text_at(request, "limit_usd"); !amount.empty())
    text = who + " asks for a limit of " + dollars(amount);
  const std::string times = text_at(request, "times");
  if (times != "1" && !times.empty()) text += " (asked " + times + " times)";
  Html html = element("p", {}, {text + ":"});
  html += element("blockquote", {}, {text_at(request, "reason")});
  return html;
}

Page not_an_admin(const std::string& cap) {
  Html body = element("p", {},
                      {"Only an admin may raise a limit. You can ask for it, and those who "
                       "may grant it hear of it."});
  body += element("p", {}, {link("/ask/" + percent_encoded(cap), "Ask for a raise")});
  return {"Ask an admin", body, 403};
}

// Empty where the page is not about a request.
Answer asked_request(const Visit& visit) {
  const std::string id = visit.request().method == "POST" ? visit.form().text("request")
                                                          : visit.query().text("request");
  if (id.empty()) return {};
  return visit.get("/api/v1/raise-requests/" + percent_encoded(id));
}

Html raise_form(const Visit& visit, const std::string& path, const json::value& cap,
                const json::value& raise_case, const json::value& request) {
  const bool is_asked = request.is_object();
  Html form = visit.token();
  form += hidden("request", text_at(request, "id"));
  const Form& filled = visit.form();  // after a slip
  form +=
      amounts(raise_case, text_at(request, "limit_usd"), text_at(request, "asked_by.name"), filled);
  form += durations(!text_at(cap, "resets_at").empty(), filled);
  form += labelled(
      is_asked ? "A word to whoever asked" : "Reason, for the audit trail",
      single("input",
             {{"name", "reason"}, {"maxlength", "500"}, {"value", filled.text("reason")}}));
  form += button(is_asked ? "Grant" : "Raise the limit");
  if (is_asked) {
    form += element("button",
                    {{"type", "submit"},
                     {"name", "decision"},
                     {"value", "decline"},
                     {"class", "plain"},
                     {"formnovalidate", ""}},
                    {"Decline, with this word"});
  }
  return element("form", {{"method", "post"}, {"action", path}}, {form});
}

struct Wanted {
  json::object body;
  std::string problem;
};

// What the form says, as the API takes it.
Wanted wanted_raise(const Form& form) {
  Wanted wanted;
  const std::string amount = form.text(kAmount.text());
  std::string other = form.text("other_usd");
  if (other.starts_with('$')) other.erase(0, 1);
  if (amount.empty() || (amount == "other" && other.empty())) {
    wanted.problem = "Say the new limit: choose one, or type another.";
  } else if (amount == "other" && !parse_usd(other)) {
    wanted.problem = "“" + other + "” is no amount in USD: write it as 300 or 12.50.";
  } else if (amount != "other" && !other.empty() && other != amount) {
    wanted.problem = "Two limits were given, " + dollars(amount) + " and " + other +
                     ": choose the one that you mean.";
  }
  const std::string until = form.text("until");
  const std::string date = form.text("until_date");
  if (wanted.problem.empty() && until == "date" && date.empty())
    wanted.problem = "Say until which day.";
  if (wanted.problem.empty() && until != "date" && !date.empty())
    wanted.problem = "A day was given, but \"Until a day\" was not chosen: choose one of the two.";
  wanted.body = {{"limit_usd", amount == "other" ? other : amount},
                 {"until", until == "date" ? date : (until.empty() ? "cycle_end" : until)}};
  return wanted;
}

Page done_page(const Visit& visit, const std::string& cap_id, const std::string& title) {
  const Answer cap = visit.get("/api/v1/caps/" + percent_encoded(cap_id));
  Html body;
  if (cap.ok()) {
    body += element("p", {}, {"Now, of " + cap_words(cap.body) + ":"});
    body += balance(cap.body);
    body += element("p", {}, {"The next request already passes, as far as other caps allow."});
  }
  body += element("p", {}, {link("/", "Back to the start")});
  return {title, body};
}

}  // namespace

Page raise_page(const Visit& visit, const std::string& cap_id, const std::string& what_failed,
                int status) {
  if (!visit.visitor()->is_admin()) return not_an_admin(cap_id);
  const std::string in_api = "/api/v1/caps/" + percent_encoded(cap_id);
  const Answer cap = visit.get(in_api);
  if (!cap.ok()) return failed_page("This cap cannot be raised", cap);
  const Answer request = asked_request(visit);
  const std::string asked = text_at(request.body, "limit_usd");
  const Answer found =
      visit.get(in_api + "/case", asked.empty() ? "" : "limit_usd=" + percent_encoded(asked));
  const json::value raise_case = found.ok() ? found.body : json::value();
  Html body;
  if (!what_failed.empty()) body += problem(what_failed);
  body += element("p", {}, {"It is " + cap_words(cap.body) + "."});
  body += balance(cap.body);
  if (request.status >= 400) body += problem(request.message());
  const std::string state = text_at(request.body, "state");
  const bool is_open = request.ok() && state == "open";
  if (request.ok()) body += request_text(request.body);
  if (request.ok() && !is_open)
    body += element(
        "p", {}, {"This request is " + state + " already. You can raise the limit all the same."});
  body += case_text(raise_case);
  body += raise_form(visit, "/raise/" + percent_encoded(cap_id), cap.body, raise_case,
                     is_open ? request.body : json::value());
  const std::string subject = text_at(raise_case, "subject");
  return {"Raise " + (subject.empty() ? "a limit" : "the limit: " + subject), body, status};
}

Page raise(const Visit& visit, const std::string& cap) {
  if (!visit.visitor()->is_admin()) return not_an_admin(cap);
  const Form& form = visit.form();
  const std::string request = form.text("request");
  const std::string in_api = "/api/v1/raise-requests/" + percent_encoded(request);
  const std::string reason = form.text("reason");
  if (!request.empty() && form.text("decision") == "decline") {
    if (reason.empty()) return raise_page(visit, cap, "Say a word to whoever asked, why not.", 400);
    const Answer answer = visit.post(in_api + "/decline", {{"word", reason}});
    if (!answer.ok()) return raise_page(visit, cap, answer.message(), answer.status);
    return done_page(visit, cap, "The request is declined");
  }
  Wanted wanted = wanted_raise(form);
  if (!wanted.problem.empty()) return raise_page(visit, cap, wanted.problem, 400);
  if (!reason.empty()) wanted.body[request.empty() ? "reason" : "word"] = reason;
  const Answer answer = visit.post(
      request.empty() ? "/api/v1/caps/" + percent_encoded(cap) + "/raise" : in_api + "/grant",
      wanted.body);
  if (!answer.ok()) return raise_page(visit, cap, answer.message(), answer.status);
  return done_page(visit, cap, "The limit is raised");
}

}  // namespace purser::pages
