#include "compose.h"

#include "compose_cap.h"
#include "message_json.h"
#include "text.h"

namespace purser::alerts {
namespace {

using store::EventKind;

void compose_overspend(const StoredEvent& event, Message& message) {
  message.severity = Severity::warning;
  message.title =
      "A provider billed more than the most that was expected of " + event.text("model");
  message.paragraphs.push_back(
      "One request was billed " + usd_text(event.usd("overspend_usd")) +
      " above its bound. Until an admin has looked at it, twice as much is held for this model.");
  message.paragraphs.push_back("To see the request: purser explain " + event.text("request") +
                               ". To clear it: purser overspend clear " + event.text("model") +
                               ".");
}

void compose_stop(const ComposeContext& context, const StoredEvent& event, Message& message) {
  const bool stopped = event.kind == EventKind::stopped;
  message.severity = stopped ? Severity::warning : Severity::info;
  message.title = stopped ? subject_of(context, event.scope) + " was stopped by hand"
                          : "The stop of " + named(context, event.scope) + " was ended";
  message.paragraphs.push_back(
      stopped ? "No AI request passes until an admin resumes it, with a free model neither."
              : "AI requests pass again, as far as the caps allow.");
  message.facts.push_back({"By", event.text("actor_name")});
  if (!event.text("reason").empty()) message.facts.push_back({"Reason", event.text("reason")});
}

void compose_asked(const ComposeContext& context, const StoredEvent& event, Message& message) {
  message.severity = Severity::warning;
  const auto* times = event.body.if_contains("times");
  const bool again = times && times->is_number() && times->to_number<int>() > 1;
  message.title = event.text("asked_by_name") + (again ? " asks again" : " asks") +
                  " to raise the cap of " + named(context, event.scope);
  message.paragraphs.push_back("“" + event.text("reason") + "”");
  const std::string wanted = event.text("limit_usd");
  if (!wanted.empty()) message.facts.push_back({"Limit asked for", "USD " + wanted});
  add_balances(context, event, message);
  message.paragraphs.push_back("To grant it: purser raise grant " + event.text("request") +
                               (wanted.empty() ? " --by AMOUNT" : " --limit " + wanted));
  message.paragraphs.push_back("To decline it: purser raise decline " + event.text("request") +
                               " --word TEXT");
}

void compose_decided(const ComposeContext& context, const StoredEvent& event, Message& message) {
  const std::string decision = event.text("decision");
  message.title = "The raise of the cap of " + named(context, event.scope) +
                  (decision == "expired" ? " has expired" : " was " + decision);
  if (decision == "expired")
    message.paragraphs.push_back("Nobody answered in time. Ask again if it is still needed.");
  const std::string limit = event.text("granted_limit_usd");
  if (!limit.empty()) {
    const std::string until = event.text("granted_until");
    message.paragraphs.push_back(
        "The limit is now USD " + limit +
        (until.empty() ? ", for good." : ", until " + local_time(context, until) + "."));
  }
  if (!event.text("word").empty()) message.paragraphs.push_back("“" + event.text("word") + "”");
  if (!event.text("decided_by_name").empty())
    message.facts.push_back({"By", event.text("decided_by_name")});
}

void compose_other(const StoredEvent& event, Message& message) {
  if (event.kind == EventKind::key_made) {
    message.title = "A key was made for " + event.text("user_name");
    message.paragraphs.push_back("If you did not ask for it, revoke it: purser key revoke " +
                                 event.text("key") + ".");
    const std::string called = event.text("name");
    message.facts.push_back({"Key", event.text("key") + (called.empty() ? "" : ", " + called)});
    return;
  }
  message.title = "The head of the audit trail: entry " + event.text("sequence");
  message.paragraphs.push_back(
      "Keep it outside of Purser: with it, `purser audit verify --head` finds that the newest "
      "entries were cut off.");
  message.facts.push_back({"Hash", event.text("hash")});
}

// To the pages, which only show: nothing changes by opening one.
std::vector<Link> links_of(const ComposeContext& context, const StoredEvent& event) {
  if (context.base_url.empty() || event.cap.is_zero()) return {};
  const std::string cap = to_text("cap", event.cap);
  const std::string raise = context.base_url + "/raise/" + cap;
  if (event.kind == EventKind::raise_asked)
    return {{"Grant or decline", raise + "?request=" + event.text("request"), LinkFor::admins}};
  const bool is_near = event.kind == EventKind::threshold && event.percent >= kBreakdownFromPercent;
  if (!is_near && event.kind != EventKind::runs_out_early) return {};
  return {{"Raise the limit", raise, LinkFor::admins},
          {"Ask for a raise", context.base_url + "/ask/" + cap, LinkFor::others}};
}

void add_links(const ComposeContext& context, const StoredEvent& event, Message& message,
               boost::json::object& data) {
  message.links = links_of(context, event);
  if (message.links.empty()) return;
  boost::json::array links;
  for (const Link& link : message.links)
    links.push_back(boost::json::object{{"text", link.text}, {"url", link.url}});
  data["links"] = std::move(links);
}

}  // namespace

Message compose(const ComposeContext& context, const std::vector<StoredEvent>& events) {
  const StoredEvent& event = events.front();
  Message message;
  message.id = event.id;
  message.type = store::type_of(event.kind);
  message.at = event.made_at;
  switch (event.kind) {
    case EventKind::threshold:
      compose_threshold(context, events, message);
      break;
    case EventKind::pause_ended:
      compose_pause_ended(context, event, message);
      break;
    case EventKind::limit_changed:
      compose_limit_changed(context, event, message);
      break;
    case EventKind::runs_out_early:
      compose_runs_out_early(context, event, message);
      break;
    case EventKind::overspend:
      compose_overspend(event, message);
      break;
    case EventKind::stopped:
    case EventKind::resumed:
      compose_stop(context, event, message);
      break;
    case EventKind::raise_asked:
      compose_asked(context, event, message);
      break;
    case EventKind::raise_decided:
      compose_decided(context, event, message);
      break;
    case EventKind::key_made:
    case EventKind::audit_head:
      compose_other(event, message);
      break;
  }
  boost::json::object data = event.body;
  data["name"] = context.scope_name(context.sql, context.workspace, event.scope);
  if (events.size() > 1) {
    boost::json::array percents;
    for (const StoredEvent& crossing : events) percents.push_back(crossing.percent);
    data["crossed_percents"] = std::move(percents);
  }
  // As people read it, for those who only get the webhook.
  data["title"] = message.title;
  data["text"] = joined(message.paragraphs);
  if (!message.breakdowns.empty()) data["breakdowns"] = to_json(message.breakdowns);
  add_links(context, event, message, data);
  message.data = boost::json::serialize(data);
  return message;
}

}  // namespace purser::alerts
