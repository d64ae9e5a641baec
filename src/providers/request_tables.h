// What each format's fields do to the bill, as data: which of them we read or write ourselves,
// which are admitted with some values only, which are refused and why, which reach the model.
// docs/METERING.md shows the same tables with their sources. A field in no table passes, and its
// bytes are counted as input.
#pragma once

#include <span>
#include <string_view>

#include "purser/providers/format.h"

namespace purser::providers {

enum class FieldUse {
  metered,         // read by code of its own
  metered_prompt,  // both
  prompt,          // reaches the model: its bytes count as input, and equal prefixes have it equal
  passes,          // neither read by the model nor billed
  limited,         // admitted with the values in `allowed` only (or null)
  refused,         // refused unless it says nothing: null, false, "" or []
};

struct Field {
  std::string_view name;
  FieldUse use;
  std::string_view allowed = {};  // separated by |
  std::string_view reason = {};   // the end of the sentence "…, since …"
};

std::span<const Field> fields_of(Format format);
const Field* find_field(Format format, std::string_view name);

enum class ToolUse {
  client,          // the client executes it; it costs nothing by itself
  client_typed,    // the same, and the provider adds a description of its own to the input
  tool_list,       // a list of client tools under one name
  web_search,      // hosted, and admitted with a limit on its calls
  client_if_told,  // only where `execution` or `environment` says that the client executes it
};

struct ToolType {
  std::string_view name;
  ToolUse use;
};
const ToolType* find_tool_type(Format format, std::string_view type);
// "function, custom, …": for the sentence of a refusal.
std::string_view admitted_tools(Format format);

enum class PartUse {
  text,  // its own bytes are what the model reads
  image,
  audio,
  file,
  nested,               // holds content of its own
  tools,                // holds definitions of tools
  encrypted_reasoning,  // its text is inside, encrypted, or held by the provider
  unseen,               // the provider reads more than what stands here
  refused,
};

struct PartType {
  std::string_view name;
  PartUse use;
  std::string_view reason = {};
};
// Parts of a message's content, and what stands beside messages in the Responses API.
const PartType* find_part_type(Format format, std::string_view type);

// Names of models that search the web by themselves, with a fee and no limit on calls.
bool searches_by_itself(Format format, std::string_view model);

// Is this value of `anthropic-beta` in the table of those that do not change the price?
bool is_listed_beta(std::string_view beta);

}  // namespace purser::providers
