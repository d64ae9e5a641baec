// The tables of what people are told and answer: events, messages and their deliveries, raise
// requests; sign-in; rules on single requests.
#pragma once

namespace purser::store {

extern const char* const kAlertsSchema;

}  // namespace purser::store
