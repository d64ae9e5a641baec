// One call of the API on its way through a handler.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "body.h"
#include "json.h"
#include "purser/api/api.h"
#include "purser/identity/changed_by.h"
#include "query.h"
#include "sight.h"

namespace purser::api {

struct Reply {
  json::value body;
  int status = 200;
  // Of an answer that is not JSON: what it is, and its bytes in place of the body.
  std::string content_type = {};
  std::string text = {};
  std::vector<std::pair<std::string, std::string>> fields = {};  // besides those of every answer
};

class RequestReads;

struct Call {
  const Services& services;
  const identity::Principal& who;
  std::vector<std::string> params;  // what stands for {…} in the route's pattern, decoded
  Query query;
  json::object body;          // of a route that takes JSON
  std::string_view raw_body;  // of one that does not
  identity::ChangedBy by;     // the holder, and the body's or the query's "reason"
  RequestReads& reads;
  const ApiRequest& request;  // for what a browser sends

  store::Store& store() const { return *services.store; }
  const Id& workspace() const { return services.store->workspace(); }
  Sight sight(store::Sql& sql) const { return sight_of(sql, workspace(), who); }

  // Reads in one snapshot and answers with what the body returns.
  template <typename Read>
  Result<Reply> read(const Read& body_of_read) const {
    std::optional<Result<Reply>> answer;
    store().read([&](store::Sql& sql) { answer.emplace(body_of_read(sql)); });
    return *answer;
  }
};

using Handler = Result<Reply> (*)(Call&);

// The workspace's role does not allow it. 403.
Error forbidden(std::string what);

// A page: "items", and "next" where there may be more.
Reply page_reply(json::array items, std::string next);

}  // namespace purser::api
