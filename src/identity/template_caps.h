#pragma once

#include <string>
#include <vector>

#include "purser/identity/templates.h"

namespace purser::identity {

// Sets these caps on a user; each carries the template, or none.
Result<void> set_caps(store::Change& change, const Id& user, const std::vector<TemplateCap>& caps,
                      const Id& template_id, const ChangedBy& by);

std::string caps_json(const std::vector<TemplateCap>& caps);

// Makes the caps that carry the template what it now says.
Result<TemplateEffect> carry_over(store::Change& change, const Template& changed,
                                  const ChangedBy& by);

// Ends all caps of a scope that has ended.
Result<void> end_caps(store::Change& change, const ledger::Scope& scope, const ChangedBy& by);

}  // namespace purser::identity
