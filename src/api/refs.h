// Shorthands of the handlers that name things in a path or a body.
#pragma once

#include "call.h"

namespace purser::api {

// Finds by id or name with one of identity's finders and gives the id; the body keeps the error.
template <typename Find>
Id ref(store::Sql& sql, const Id& workspace, const Find& find, std::string_view name,
       std::optional<Error>& error) {
  auto found = find(sql, workspace, name);
  if (found) return found->id;
  if (!error) error = found.error();
  return {};
}

// Runs the change and answers with what `show` reads afterwards.
template <typename Change, typename Show>
Result<Reply> change_and_show(Call& call, int status, const Change& change, const Show& show) {
  auto changed = call.store().change(change);
  if (!changed) return changed.error();
  auto reply = call.read(show);
  if (reply) reply->status = status;
  return reply;
}

}  // namespace purser::api
