#include "cap_specs.h"

namespace purser::api {

ledger::Enforcement enforcement_of(Body& body) {
  const auto text = body.text("enforcement");
  if (!text) return ledger::Enforcement::hard;
  const auto parsed = ledger::parse_enforcement(*text);
  if (!parsed) body.fail({"bad_member", "\"enforcement\" is hard or watch."});
  return parsed.value_or(ledger::Enforcement::hard);
}

Period period_of(Body& body, std::string_view when_absent) {
  const auto parsed = parse_period(body.text("period").value_or(std::string(when_absent)));
  if (!parsed) body.fail(parsed.error());
  return parsed ? *parsed : Period::month;
}

std::optional<std::vector<identity::TemplateCap>> cap_specs(Body& body, std::string_view name) {
  const auto* items = body.array(name);
  if (!items) return std::nullopt;
  std::vector<identity::TemplateCap> caps;
  for (const auto& item : *items) {
    if (!item.is_object()) {
      body.fail({"bad_member", "\"" + std::string(name) + "\" is a list of objects."});
      return std::nullopt;
    }
    Body one(item.get_object());
    identity::TemplateCap cap;
    cap.period = period_of(one, "month");
    cap.enforcement = enforcement_of(one);
    cap.limit = one.required_usd("limit_usd");
    if (auto read = one.finish(); !read) {
      body.fail(read.error());
      return std::nullopt;
    }
    caps.push_back(cap);
  }
  return caps;
}

}  // namespace purser::api
