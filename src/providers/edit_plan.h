// Where in the client's body our own values go. Made while the request is read, used when it is
// written; it holds offsets and texts only, so it outlives the document that it was made from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json_document.h"

namespace purser::providers {

struct Edit {
  enum class What : std::uint8_t {
    model,             // the upstream's name for it, where that differs
    output_limit,      // Form::output_limit_tokens, where there is one
    web_search_calls,  // Form::web_search_calls, where it is not zero
    always,            // `text`, in every form
    no_web_search,     // `text`, where Form::web_search_calls is zero
  };
  Span span;  // what is replaced; empty for what is put in
  What what{};
  std::string before;  // around the value
  std::string after;
  std::string text;
};

struct EditPlan {
  std::vector<Edit> edits;
  // Members that the provider's counting endpoint takes, each as it stands in the body.
  std::vector<Span> counted_members;
};

// The member's value is replaced, or the member is put in front of the others.
void write_member(EditPlan& plan, const Value& object, std::string_view key, Edit::What what,
                  std::string text = {});

// What to cut so that the marked items go, each with the comma that belongs to it, and the others
// stay as they are. `items` are all members of one object or elements of one array, in order.
struct Item {
  Span span;
  bool removed = false;
};
std::vector<Span> cuts_of(const std::vector<Item>& items);

}  // namespace purser::providers
