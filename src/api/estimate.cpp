#include "handlers.h"

namespace purser::api {

Result<Reply> post_estimate(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string path = body.required_text("path");
  const auto* request = body.object("request");
  if (auto read = body.finish(); !read) return read.error();
  if (!request)
    return Error{"missing_member", "\"request\" is missing: the body that a provider would get."};
  if (!call.services.estimate)
    return Error{"unavailable", "This server gives no estimates.", Side::us};
  const auto estimate = call.services.estimate(call.who, path, json::serialize(*request));
  if (!estimate) return estimate.error();
  return Reply{embedded_json(*estimate)};
}

}  // namespace purser::api
