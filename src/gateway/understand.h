// What a body asks for and who answers it: read strictly, in the dialect of the provider entry that
// its model leads to.
#pragma once

#include <functional>
#include <string_view>

#include "purser/providers/request.h"
#include "routing.h"

namespace purser::gateway {

struct Understood {
  providers::RequestShape shape;
  Route route;
};

// `route`, with what is in force.
using FindRoute = std::function<Result<Route>(std::string_view model)>;

// Errors: those of `read_request` and of `find_route`.
Result<Understood> understand(const FindRoute& find_route, providers::Format format,
                              std::string_view body, const providers::RequestHeaders& headers);

// How HTTP tells such an error: 503 where an admin has to act, 404 where the model is not to be had
// here, 400 where the body is at fault.
int suggested_status(const Error& error);

}  // namespace purser::gateway
