// raise ask, list, show, grant, decline, withdraw.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

constexpr const char* kOne = "/api/v1/raise-requests/{request}";

const std::vector<Column> kColumns{{"ID", "id"},
                                   {"STATE", "state"},
                                   {"WHO", "asked_by.name"},
                                   {"SCOPE", "cap.scope"},
                                   {"NAME", "cap.name"},
                                   {"PERIOD", "cap.period"},
                                   {"LIMIT", "cap.limit_usd", Show::amount},
                                   {"ASKED FOR", "limit_usd", Show::amount},
                                   {"GRANTED", "granted_limit_usd", Show::amount},
                                   {"ASKED (UTC)", "last_asked_at", Show::time},
                                   {"WHY", "reason"},
                                   {"WORD", "word"}};

Parameter id() { return in_path("ID", "request", "its id, from raise list: rrq_…"); }

Verb ask_verb() {
  return {{"raise", "ask"},
          "Ask for a raise, and say why: raise ask --limit 200 \"the release is on Friday\"",
          "POST",
          "/api/v1/raise-requests",
          {required(in_body("REASON", "reason", "why; whoever decides reads it")),
           in_body("--cap", "cap", "the cap's id (default: the one that stands in the way now)"),
           in_body("--limit", "limit_usd", "the limit that is wanted, in USD", Kind::amount)},
          "",
          kColumns,
          ""};
}

Verb grant_verb() {
  Verb verb{{"raise", "grant"},
            "Grant a raise request for this cycle, with the amount that is thought right",
            "POST",
            std::string(kOne) + "/grant",
            {id(), in_body("--limit", "limit_usd", "the new limit, in USD", Kind::amount),
             in_body("--by", "by_usd", "or how much more, in USD", Kind::amount),
             own("--until", "until", "until a date, such as 2026-12-24"),
             own("--for-good", "for-good", "for good", Kind::flag),
             in_body("--word", "word", "a word to the asker"), reason_in_body()},
            "",
            kColumns,
            ""};
  verb.prepare = put_until;
  return verb;
}

}  // namespace

std::vector<Verb> raise_verbs() {
  std::vector<Verb> verbs;
  verbs.push_back(ask_verb());
  verbs.push_back(
      {{"raise", "list"},
       "List raise requests, the newest first",
       "GET",
       "/api/v1/raise-requests",
       with_page({in_query("--state", "state", "open, granted, declined, withdrawn or expired")}),
       "items",
       kColumns,
       ""});
  verbs.push_back(
      {{"raise", "show"}, "Show one raise request", "GET", kOne, {id()}, "", kColumns, ""});
  verbs.push_back(grant_verb());
  verbs.push_back({{"raise", "decline"},
                   "Decline a raise request, with a word to the asker",
                   "POST",
                   std::string(kOne) + "/decline",
                   {id(), required(in_body("--word", "word", "why not")), reason_in_body()},
                   "",
                   kColumns,
                   ""});
  verbs.push_back({{"raise", "withdraw"},
                   "Withdraw a raise request of your own",
                   "POST",
                   std::string(kOne) + "/withdraw",
                   {id(), reason_in_body()},
                   "",
                   kColumns,
                   ""});
  return verbs;
}

}  // namespace purser::main
