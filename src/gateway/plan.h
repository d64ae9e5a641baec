// From a request's shape and its model's price to what is asked of the ledger, and back from what
// was granted to the form that goes upstream. Pure.
#pragma once

#include <boost/container/static_vector.hpp>
#include <memory>
#include <string>

#include "purser/base/result.h"
#include "purser/ledger/command.h"
#include "purser/pricing/price.h"
#include "purser/providers/request.h"

namespace purser::gateway {

struct PlanInput {
  std::int64_t input_tokens = 0;  // class 1, tightened where its prefix was known
  bool clamp = true;              // `x-purser-clamp: off` turns it off
  bool doubled = false;           // the model billed above its bound before
};

struct Plan {
  std::shared_ptr<const pricing::Price> price;
  boost::container::static_vector<Nanos, ledger::kMaxForms> forms;
  boost::container::static_vector<std::int64_t, ledger::kMaxForms>
      web_search_calls;  // of each form
  Nanos smallest;
  bool free = false;
  bool doubled = false;
  std::int64_t input_tokens = 0;  // without the rounds of hosted tools
  std::int64_t full_output_tokens = 0;
  pricing::BoundShape last_shape;  // of the last form: what is left to lower is its output
  bool lowered_output = false;     // full_output_tokens is less than was asked for
};

// Errors: no_limits (the book has no context window or output limit), no_price.
Result<Plan> make_plan(const providers::RequestShape& shape,
                       std::shared_ptr<const pricing::Price> price, const PlanInput& input);

// Leaves out what is dearer than `most`, lowering hosted tools' calls and the output as the ledger
// does where room is short. False, and the plan as it was: even the smallest form is dearer.
bool lower_to(Plan& plan, Nanos most);

struct ChosenForm {
  providers::Form form;
  std::string clamped;  // "output=1200,web_search=0"; empty: as asked
};

ChosenForm choose_form(const providers::RequestShape& shape, const Plan& plan,
                       std::size_t granted_form, Nanos granted);

}  // namespace purser::gateway
