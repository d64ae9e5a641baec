#include "audit_json.h"

#include <fmt/format.h>

namespace purser::identity {

std::string json_text(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

void AuditJson::begin(std::string_view name) {
  if (!body_.empty()) body_.push_back(',');
  body_ += json_text(name);
  body_.push_back(':');
}

AuditJson& AuditJson::text(std::string_view name, std::string_view value) {
  begin(name);
  body_ += json_text(value);
  return *this;
}

AuditJson& AuditJson::id(std::string_view name, std::string_view prefix, const Id& value) {
  begin(name);
  body_ += value.is_zero() ? std::string("null") : json_text(to_text(prefix, value));
  return *this;
}

AuditJson& AuditJson::number(std::string_view name, std::int64_t value) {
  begin(name);
  body_ += std::to_string(value);
  return *this;
}

AuditJson& AuditJson::boolean(std::string_view name, bool value) {
  begin(name);
  body_ += value ? "true" : "false";
  return *this;
}

AuditJson& AuditJson::raw(std::string_view name, std::string_view json) {
  begin(name);
  body_ += json;
  return *this;
}

}  // namespace purser::identity
