#include "edit_plan.h"

namespace purser::providers {

void write_member(EditPlan& plan, const Value& object, std::string_view key, Edit::What what,
                  std::string text) {
  if (const std::optional<Value> member = object.find(key)) {
    plan.edits.push_back({member->span(), what, {}, {}, std::move(text)});
    return;
  }
  const std::size_t front = object.span().begin + 1;
  std::string before = "\"" + std::string(key) + "\":";
  std::string after = object.child_count() > 0 ? "," : "";
  plan.edits.push_back(
      {{front, front}, what, std::move(before), std::move(after), std::move(text)});
}

std::vector<Span> cuts_of(const std::vector<Item>& items) {
  std::vector<Span> cuts;
  bool kept_one = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Span span = items[i].span;
    if (!items[i].removed) {
      kept_one = true;
    } else if (kept_one) {
      cuts.push_back({items[i - 1].span.end, span.end});
    } else {
      cuts.push_back({span.begin, i + 1 < items.size() ? items[i + 1].span.begin : span.end});
    }
  }
  return cuts;
}

}  // namespace purser::providers
