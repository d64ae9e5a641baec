#include "handlers.h"

namespace purser::api {
namespace {

Reply clock_reply(const Call& call) {
  return {json::object{{"in_doubt", call.store().clock_in_doubt()},
                       {"ledger_time", instant_json(call.store().ledger_now())},
                       {"system_time", instant_json(call.services.env->utc_now())}}};
}

}  // namespace

Result<Reply> get_clock(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return clock_reply(call);
}

Result<Reply> accept_clock(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  if (auto read = Body(call.body).finish(); !read) return read.error();
  call.store().accept_clock(call.by.actor, call.by.reason);
  return clock_reply(call);
}

}  // namespace purser::api
