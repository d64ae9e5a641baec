// rules list, set.
#include <boost/json.hpp>

#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

const std::vector<Column> kColumns{{"SCOPE", "scope"},
                                   {"NAME", "name"},
                                   {"ONE REQUEST AT MOST", "max_request_usd", Show::amount},
                                   {"MODELS", "models", Show::list}};

Result<void> prepare_rule(const Given& given, Draft& draft) {
  if (auto put = put_scope_into_body(given, draft); !put) return put;
  json::object& body = draft.body.as_object();
  if (given.has("max-request") && given.has("no-max-request"))
    return Error{"two_answers", "give --max-request or --no-max-request, not both"};
  if (given.has("models") && given.has("any-model"))
    return Error{"two_answers", "give --models or --any-model, not both"};
  if (given.has("max-request")) body["max_request_usd"] = given.one("max-request");
  if (given.has("no-max-request")) body["max_request_usd"] = nullptr;
  if (given.has("models")) {
    json::array models;
    for (const std::string& model : given.all("models")) models.push_back(json::string(model));
    body["models"] = std::move(models);
  }
  if (given.has("any-model")) body["models"] = nullptr;
  return {};
}

}  // namespace

std::vector<Verb> rule_verbs() {
  return {{{"rules", "list"},
           "List the rules on single requests",
           "GET",
           "/api/v1/request-rules",
           {},
           "items",
           kColumns,
           ""},
          {{"rules", "set"},
           "Say what one request may cost and which models it may use: rules set --team data "
           "--models 'gpt-5*,claude-*'",
           "PUT",
           "/api/v1/request-rules",
           with_scope({own("--max-request", "max-request",
                           "the most that one request may cost, in USD", Kind::amount),
                       own("--no-max-request", "no-max-request", "take that away", Kind::flag),
                       own("--models", "models",
                           "patterns of models that are allowed; * is anything", Kind::list),
                       own("--any-model", "any-model", "take that away", Kind::flag),
                       reason_in_body()}),
           "",
           kColumns,
           "",
           prepare_rule}};
}

}  // namespace purser::main
