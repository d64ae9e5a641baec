// Raise requests as rows, audit entries and events.
#pragma once

#include "purser/identity/raise_requests.h"

namespace purser::identity {

void insert_raise_request(store::Change& change, const RaiseRequest& request);
void update_raise_request(store::Change& change, const RaiseRequest& request);

// The audit entry of what became of it, and the event: `raise_asked` of an open request, else
// `raise_decided`. `before` is null of one that is new.
void record_raise_request(store::Change& change, std::string_view action,
                          const RaiseRequest* before, const RaiseRequest& after,
                          const ChangedBy& by);

std::optional<RaiseRequest> open_raise_request_of(store::Sql& sql, const Id& workspace,
                                                  const Id& cap, const Id& user);
std::vector<RaiseRequest> expired_raise_requests(store::Sql& sql, const Id& workspace, Instant now);

}  // namespace purser::identity
