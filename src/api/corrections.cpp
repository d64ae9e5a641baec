#include "handlers.h"
#include "request_reads.h"

namespace purser::api {

// What an `unconfirmed` usage turned out to cost; booked as an adjustment, audited.
Result<Reply> correct_request(Call& call) {
  const auto request = parse_id("req", call.params[0]);
  if (!request) return Error{"unknown_request", request.error().message};
  Body body(call.body);
  const Nanos cost = body.required_usd("cost_usd");
  if (auto read = body.finish(); !read) return read.error();
  bool known = false;
  call.store().read([&](store::Sql& sql) {
    sql.each("SELECT 1 FROM usages WHERE workspace = ?1 AND request = ?2",
             {call.workspace(), *request}, [&](const store::Row&) { known = true; });
  });
  if (!known) {
    return Error{"unknown_request", "There is no usage of the request " + call.params[0] +
                                        "; one in flight cannot be corrected yet."};
  }
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    auto outcome = change.correct_usage(*request, cost, call.by.actor, call.by.reason);
    if (!outcome) return outcome.error();
    return {};
  });
  if (!changed) return changed.error();
  call.reads.is_new(call.who.user, *request);  // the correction is on record: no second entry
  return get_request(call);
}

}  // namespace purser::api
