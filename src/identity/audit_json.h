// A small JSON object for an audit entry's `from` and `to`. Members stand in the order in which
// they are added, so that equal values give equal text (the chain hashes it).
#pragma once

#include <string>
#include <string_view>

#include "purser/base/id.h"

namespace purser::identity {

class AuditJson {
 public:
  AuditJson& text(std::string_view name, std::string_view value);
  AuditJson& id(std::string_view name, std::string_view prefix, const Id& value);  // zero: null
  AuditJson& number(std::string_view name, std::int64_t value);
  AuditJson& boolean(std::string_view name, bool value);
  AuditJson& raw(std::string_view name, std::string_view json);
  std::string str() const { return body_.empty() ? "{}" : "{" + body_ + "}"; }

 private:
  void begin(std::string_view name);
  std::string body_;
};

std::string json_text(std::string_view value);  // with its quotes

}  // namespace purser::identity
