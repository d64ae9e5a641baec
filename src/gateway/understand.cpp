#include "understand.h"

#include <utility>

namespace purser::gateway {

using providers::Dialect;

Result<Understood> understand(const FindRoute& find_route, providers::Format format,
                              std::string_view body, const providers::RequestHeaders& headers) {
  // The model stands in the body, and decides which dialect the body has to keep to: the provider's
  // own is tried first, since nearly all keep to it.
  Dialect dialect = providers::is_anthropic(format) ? Dialect::anthropic : Dialect::openai;
  Result<providers::RequestShape> shape = providers::read_request(format, dialect, body, headers);
  if (!shape && dialect == Dialect::openai) {
    dialect = Dialect::compatible;
    Result<providers::RequestShape> laxer = providers::read_request(format, dialect, body, headers);
    if (!laxer) return laxer.error();
    Result<Route> found = find_route(laxer->model);
    if (!found) return found.error();
    if (found->dialect != dialect) return shape.error();
    return Understood{std::move(*laxer), std::move(*found)};
  }
  if (!shape) return shape.error();
  Result<Route> found = find_route(shape->model);
  if (!found) return found.error();
  if (found->dialect != dialect)
    shape = providers::read_request(format, found->dialect, body, headers);
  if (!shape) return shape.error();
  return Understood{std::move(*shape), std::move(*found)};
}

int suggested_status(const Error& error) {
  if (error.side == Side::us) return 503;
  const bool about_the_model = error.code == "unknown_model" || error.code == "ambiguous_model" ||
                               error.code == "wrong_endpoint";
  return about_the_model ? 404 : 400;
}

}  // namespace purser::gateway
