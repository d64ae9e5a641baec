// audit list, head, export. (audit verify works on files: local_verbs.h.)
#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>

#include "call_verb.h"
#include "table.h"
#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

constexpr const char* kNext = "x-purser-next";

std::vector<Parameter> with_filters(std::vector<Parameter> parameters) {
  parameters.push_back(
      in_query("--actor", "actor", "only what this user did; purser: what Purser itself did"));
  parameters.push_back(in_query("--action", "action", "its beginning, such as cap."));
  parameters.push_back(in_query("--target", "target", "its beginning, such as team/"));
  parameters.push_back(in_query("--from", "from", "from this date or instant on"));
  parameters.push_back(in_query("--to", "to", "up to this date or instant"));
  return with_scope(std::move(parameters));
}

// The trail comes in pieces; each names where the next begins.
int export_trail(const Given& given, const ApiClient& client, const Draft& draft) {
  const std::string file = given.one("file");
  const auto fail = [&](const std::string& sentence) {
    std::cerr << "purser: " << sentence << "\n";
    return 1;
  };
  std::ofstream stream;
  std::ostream& out = file == "-" ? std::cout : stream;
  ApiCall call = draft.call;
  const std::size_t filters = call.query.size();
  while (true) {
    const Result<ApiAnswer> answer = client.call(call);
    if (!answer) return fail(answer.error().message);
    if (!answer->ok()) return fail(refusal_text(*answer));
    // Only now: a refusal leaves the file as it was.
    if (file != "-" && !stream.is_open()) {
      stream.open(file, std::ios::binary | std::ios::trunc);
      if (!stream) return fail(fmt::format("\"{}\" cannot be written", file));
    }
    out << answer->body << std::flush;
    if (!out) return fail(fmt::format("\"{}\" could not be written to its end", file));
    const std::string next = answer->field(kNext);
    if (next.empty()) return 0;
    call.query.resize(filters);
    call.query.emplace_back("after", next);
  }
}

Verb export_verb() {
  Verb verb{{"audit", "export"},
            "Write the audit trail to a file, the oldest entry first",
            "GET",
            "/api/v1/audit/export",
            with_filters({required(own("FILE", "file", "the file; - for standard output")),
                          in_query("--format", "format", "csv, or jsonl to verify it (jsonl)")}),
            "",
            {},
            ""};
  verb.prepare = put_scope_into_query;
  verb.run = export_trail;
  return verb;
}

std::string print_head(const json::value& answer) {
  return printable(shown(member_at(answer, "line"), Show::text)) + "\n";
}

}  // namespace

std::vector<Verb> audit_verbs() {
  std::vector<Verb> verbs;
  verbs.push_back({{"audit", "list"},
                   "Read the audit trail, the newest entry first",
                   "GET",
                   "/api/v1/audit",
                   with_filters(with_page({})),
                   "items",
                   {{"ENTRY", "sequence", Show::count},
                    {"WHEN (UTC)", "at", Show::time},
                    {"WHO", "actor_name"},
                    {"WHAT", "action"},
                    {"ON", "subject"},
                    {"CHANGE", "change"},
                    {"WHY", "reason"}},
                   "",
                   put_scope_into_query});
  Verb head{{"audit", "head"},
            "Print the trail's head, for somebody else to keep: audit verify --head takes it",
            "GET",
            "/api/v1/audit/head",
            {},
            "",
            {},
            ""};
  head.print = print_head;
  verbs.push_back(std::move(head));
  verbs.push_back(export_verb());
  return verbs;
}

}  // namespace purser::main
