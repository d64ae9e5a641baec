// alerts failed, waiting, retry, test; inbox list, read; thresholds.
#include <boost/json.hpp>
#include <charconv>

#include "call_verb.h"
#include "table.h"
#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

const std::vector<Column> kDeliveryColumns{{"MESSAGE", "message"},
                                           {"WHAT", "title"},
                                           {"CHANNEL", "channel"},
                                           {"TO", "address"},
                                           {"TRIES", "attempts", Show::count},
                                           {"SINCE (UTC)", "made_at", Show::time},
                                           {"NEXT (UTC)", "next_attempt_at", Show::time},
                                           {"WHY", "last_error"}};

Verb list_verb(const char* word, const char* help, const char* state) {
  Verb verb{{"alerts", word}, help, "GET", "/api/v1/alerts", with_page({}), "items",
            kDeliveryColumns, ""};
  verb.prepare = [state](const Given&, Draft& draft) -> Result<void> {
    draft.call.query.emplace_back("state", state);
    return {};
  };
  return verb;
}

Verb test_verb() {
  Verb verb{{"alerts", "test"},
            "Send a sample over a channel of purser.toml, to yourself where it is e-mail",
            "POST",
            "/api/v1/alerts/test",
            {required(in_body("CHANNEL", "channel", "its name in purser.toml")), reason_in_body()},
            "",
            {{"CHANNEL", "channel"}, {"SENT", "sent", Show::yes}, {"WHY NOT", "error"}},
            ""};
  verb.has_failures = [](const json::value& answer) {
    const json::value* sent = member_at(answer, "sent");
    return sent != nullptr && sent->is_bool() && !sent->get_bool();
  };
  return verb;
}

Result<void> prepare_thresholds(const Given& given, Draft& draft) {
  if (draft.body.is_null()) draft.body = json::object();
  json::object& body = draft.body.as_object();
  if (!given.has("inherit") && !given.has("percents")) {
    if (given.has("cap") || given.has("team") || given.has("reason"))
      return Error{"no_percents", "give the percents, such as 50 80, or --inherit"};
    draft.call.method = "GET";
    draft.body = nullptr;
    return {};
  }
  if (given.has("inherit") && given.has("percents"))
    return Error{"no_percents", "give the percents, such as 50 80, or --inherit, not both"};
  if (given.has("inherit")) {
    body["percents"] = nullptr;
  } else {
    json::array percents;
    for (const std::string& text : given.all("percents")) {
      int percent = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
      if (error != std::errc() || end != text.data() + text.size() || percent < 5 ||
          percent > 100 || percent % 5 != 0)
        return Error{"bad_number",
                     "\"" + text + "\" is no threshold: give multiples of 5, from 5 to 100"};
      percents.push_back(percent);
    }
    body["percents"] = std::move(percents);
  }
  if (given.has("team")) {
    body["scope"] = "team";
    body["name"] = given.one("team");
  } else if (!given.has("cap")) {
    body["scope"] = "workspace";
  }
  return {};
}

std::string print_thresholds(const json::value& answer) {
  const json::value* items = member_at(answer, "items");
  if (items == nullptr || !items->is_array()) return "the thresholds are set\n";
  Table table({{"SCOPE"}, {"NAME"}, {"OF THE CAP"}, {"PERCENTS"}});
  for (const json::value& each : items->as_array())
    table.add({shown(member_at(each, "scope"), Show::text),
               shown(member_at(each, "name"), Show::text),
               shown(member_at(each, "cap"), Show::text),
               shown(member_at(each, "percents"), Show::list)});
  return table.text();
}

Verb thresholds_verb() {
  Verb verb{{"thresholds"},
            "Show, or set, at which shares of a limit people are told: thresholds 50 80 --team "
            "engineering",
            "PUT",
            "/api/v1/thresholds",
            {own("PERCENTS", "percents", "multiples of 5; 100 is always among them", Kind::list),
             own("--inherit", "inherit", "those of the team or workspace again", Kind::flag),
             in_body("--cap", "cap", "of this cap alone: its id"),
             own("--team", "team", "of the caps of this team (default: of the workspace)"),
             reason_in_body()},
            "",
            {},
            ""};
  verb.prepare = prepare_thresholds;
  verb.print = print_thresholds;
  return verb;
}

std::string print_message(const json::value& message) {
  const auto text = [](const json::value& from, std::string_view member) {
    return printable(shown(member_at(from, member), Show::text));
  };
  std::string out = text(message, "title") + "\n\n";
  const auto each = [](const json::value& from, std::string_view member, const auto& take) {
    const json::value* list = member_at(from, member);
    if (list != nullptr && list->is_array())
      for (const json::value& one : list->as_array()) take(one);
  };
  each(message, "paragraphs",
       [&](const json::value& one) { out += printable(shown(&one, Show::text)) + "\n"; });
  each(message, "facts", [&](const json::value& one) {
    out += text(one, "label") + ": " + text(one, "value") + "\n";
  });
  each(message, "breakdowns", [&](const json::value& breakdown) {
    Table table({{text(breakdown, "title")}, {"SPENT", Align::right}, {"SHARE", Align::right}});
    each(breakdown, "parts", [&](const json::value& part) {
      table.add({text(part, "name"), text(part, "amount"), text(part, "percent") + " %"});
    });
    out += "\n" + table.text();
  });
  return out;
}

}  // namespace

std::vector<Verb> alert_verbs() {
  std::vector<Verb> verbs;
  verbs.push_back(list_verb("failed", "List alerts that could not be delivered", "failed"));
  verbs.push_back(list_verb("waiting", "List alerts that are still on their way", "waiting"));
  verbs.push_back(
      {{"alerts", "retry"},
       "Try failed alerts again, for another day",
       "POST",
       "/api/v1/alerts/retry",
       {in_body("MESSAGE", "message", "those of one message alone: msg_…"), reason_in_body()},
       "",
       {},
       "{retried} deliveries are tried again"});
  verbs.push_back(test_verb());
  verbs.push_back({{"inbox", "list"},
                   "What you were told, the newest first",
                   "GET",
                   "/api/v1/inbox",
                   with_page({in_query("--unread", "unread", "only what is new", Kind::flag)}),
                   "items",
                   {{"AT (UTC)", "at", Show::time},
                    {"WHAT", "title"},
                    {"READ (UTC)", "read_at", Show::time},
                    {"ID", "id"}},
                   ""});
  Verb show{{"inbox", "show"},
            "Show one thing that you were told in full",
            "GET",
            "/api/v1/inbox/{message}",
            {in_path("ID", "message", "its id, from inbox list: msg_…")},
            "",
            {},
            ""};
  show.print = print_message;
  verbs.push_back(std::move(show));
  verbs.push_back({{"inbox", "read"},
                   "Mark what you were told as read",
                   "POST",
                   "/api/v1/inbox/read",
                   {},
                   "",
                   {},
                   "{read} marked as read"});
  verbs.push_back(thresholds_verb());
  return verbs;
}

}  // namespace purser::main
