// Tools: client-side ones cost nothing by themselves; of those that the provider runs only web
// search is admitted, with the provider's own limit on its calls.
#include <algorithm>

#include "input_bound.h"
#include "request_reader.h"

namespace purser::providers {
namespace {

std::string shown(const std::optional<Value>& type) {
  std::string out;
  for (const char c : type ? type->text().substr(0, 40) : std::string()) {
    if (static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F)
      out.push_back(c);
  }
  return out;
}

Error refused_tool(const Reading& reading, std::string_view code, const std::string& path,
                   const std::string& type, std::string_view why) {
  return {std::string(code), "Purser does not let the tool \"" + type + "\" (\"" + path +
                                 "\") through: " + std::string(why) + ". Admitted are " +
                                 std::string(admitted_tools(reading.shape.format)) + "."};
}

Error hosted_tool(const Reading& reading, const std::string& path, const std::string& type) {
  return refused_tool(reading, "refused_tool", path, type,
                      "the provider runs it itself, and nothing limits its calls");
}

// Does the tool say that the client executes it?
bool told_client(const Value& tool) {
  if (const std::optional<Value> execution = present(tool, "execution"))
    return execution->is_text("client");
  const std::optional<Value> environment = present(tool, "environment");
  const std::optional<Value> type = environment ? present(*environment, "type") : environment;
  return type && type->is_text("local");
}

// The row of a tool's type. Anthropic's own tools need none.
Result<const ToolType*> type_of(const Reading& reading, const Value& tool,
                                const std::string& path) {
  if (!tool.is_object()) return bad_field(path, "an object");
  PURSER_TRY(check_spelling(
      tool, path + ".",
      {"type", "name", "max_uses", "allowed_callers", "execution", "environment", "tools"}));
  const std::optional<Value> type = present(tool, "type");
  const std::string name = !type && is_anthropic(reading.shape.format) ? "custom"
                           : type                                      ? type->text()
                                                                       : "";
  const ToolType* known = find_tool_type(reading.shape.format, name);
  if (known == nullptr)
    return refused_tool(reading, "unknown_tool", path, shown(type),
                        "it is not in the table of tools whose cost is known");
  return known;
}

Result<void> read_client_tool(Reading& reading, const Value& tool, const ToolType& type,
                              const std::string& path) {
  reading.tool_tokens += kToolTokens;
  switch (type.use) {
    case ToolUse::client:
      return {};
    case ToolUse::client_typed:
      reading.tool_tokens += kTypedToolTokens;
      return {};
    case ToolUse::client_if_told:
      return told_client(tool) ? Result<void>()
                               : hosted_tool(reading, path, std::string(type.name));
    case ToolUse::tool_list: {
      const std::optional<Value> tools = present(tool, "tools");
      if (!tools) return {};
      if (!tools->is_array()) return bad_field(path + ".tools", "an array");
      for (const Value inner : *tools) {
        PURSER_TRY(read_inline_tool(reading, inner, path + ".tools[]"));
      }
      return {};
    }
    case ToolUse::web_search:
      return hosted_tool(reading, path, std::string(type.name));
  }
  return {};
}

// Later versions filter results with code that the provider runs between searches, in rounds that
// `max_uses` does not count; called directly they are like the first.
Result<void> call_directly(Reading& reading, const Value& tool, const ToolType& type) {
  const std::optional<Value> callers = present(tool, "allowed_callers");
  if (callers) {
    const bool direct =
        callers->is_array() && callers->child_count() == 1 && (*callers->begin()).is_text("direct");
    if (!direct)
      return refused_field("tools[].allowed_callers",
                           "code that the provider runs between searches has no limit; admitted: "
                           "[\"direct\"]");
  }
  // The first version knows no code unless it is told of it.
  if (type.name != "web_search_20250305")
    write_member(reading.plan, tool, "allowed_callers", Edit::What::always, "[\"direct\"]");
  return {};
}

Result<void> read_anthropic_search(Reading& reading, const Value& tool, const ToolType& type) {
  if (reading.shape.has_web_search)
    return Error{"refused_tool",
                 "The request has web search more than once, and each has its own limit on calls. "
                 "Send it once."};
  reading.shape.web_search_calls = kCallsWhereNoneAsked;
  if (const std::optional<Value> uses = present(tool, "max_uses")) {
    Result<std::int64_t> calls = read_count(*uses, "tools[].max_uses", kMostCalls);
    if (!calls) return calls.error();
    reading.shape.web_search_calls = *calls;
  }
  write_member(reading.plan, tool, "max_uses", Edit::What::web_search_calls);
  return call_directly(reading, tool, type);
}

Result<void> read_calls(Reading& reading) {
  std::int64_t calls = kCallsWhereNoneAsked;
  if (const std::optional<Value> most = present(reading.root, "max_tool_calls")) {
    Result<std::int64_t> asked = read_count(*most, "max_tool_calls", kMostCalls);
    if (!asked) return asked.error();
    calls = *asked;
  }
  if (!reading.shape.has_web_search) return {};
  reading.shape.web_search_calls = calls;
  write_member(reading.plan, reading.root, "max_tool_calls", Edit::What::web_search_calls);
  return {};
}

bool is_search(const Reading& reading, const Value& tool) {
  const std::optional<Value> type = present(tool, "type");
  const ToolType* known = type ? find_tool_type(reading.shape.format, type->text()) : nullptr;
  return known != nullptr && known->use == ToolUse::web_search;
}

// Without web search: what goes from `array`, or the whole member where nothing would be left.
struct Removal {
  std::vector<std::string_view> members;  // of the request
  void cut_elements(Reading& reading, const Value& array, std::string_view member,
                    const std::vector<bool>& removed) {
    if (std::all_of(removed.begin(), removed.end(), [](bool r) { return r; })) {
      members.push_back(member);
      return;
    }
    std::vector<Item> items;
    for (const Value element : array) items.push_back({element.span(), removed[items.size()]});
    cut(reading, items);
  }
  void cut_members(Reading& reading) {
    std::vector<Item> items;
    for (const Value member : reading.root) {
      const bool removed = std::find(members.begin(), members.end(), member.key()) != members.end();
      items.push_back({member.item_span(), removed});
    }
    cut(reading, items);
  }
  static void cut(Reading& reading, const std::vector<Item>& items) {
    for (const Span span : cuts_of(items))
      reading.plan.edits.push_back({span, Edit::What::no_web_search, {}, {}, {}});
  }
};

bool any(const std::vector<bool>& flags) {
  return std::find(flags.begin(), flags.end(), true) != flags.end();
}

void remove_from_include(Reading& reading, Removal& removal) {
  const std::optional<Value> include = present(reading.root, "include");
  if (!include || !include->is_array()) return;
  std::vector<bool> removed;
  for (const Value one : *include) removed.push_back(one.text().starts_with("web_search_call."));
  if (any(removed)) removal.cut_elements(reading, *include, "include", removed);
}

// `tool_choice` where web search is there: does it insist on it, and what becomes of it without?
void read_responses_choice(Reading& reading, const Value& choice, bool only_search,
                           Removal& removal) {
  RequestShape& shape = reading.shape;
  if (choice.is_text("required") && only_search) shape.requires_web_search = true;
  if (!choice.is_object()) return;
  if (is_search(reading, choice)) shape.requires_web_search = true;
  const std::optional<Value> allowed = present(choice, "tools");
  const std::optional<Value> type = present(choice, "type");
  if (!type || !type->is_text("allowed_tools") || !allowed || !allowed->is_array()) return;
  std::vector<bool> removed;
  for (const Value one : *allowed) removed.push_back(is_search(reading, one));
  if (!any(removed)) return;
  const std::optional<Value> mode = present(choice, "mode");
  const bool all = std::all_of(removed.begin(), removed.end(), [](bool r) { return r; });
  if (all && mode && mode->is_text("required")) shape.requires_web_search = true;
  removal.cut_elements(reading, *allowed, "tool_choice", removed);
}

void read_anthropic_choice(Reading& reading, const Value& choice, bool only_search,
                           const std::string& search_name) {
  const std::optional<Value> type = present(choice, "type");
  if (!type) return;
  const std::optional<Value> name = present(choice, "name");
  if ((type->is_text("any") && only_search) ||
      (type->is_text("tool") && name && name->is_text(search_name)))
    reading.shape.requires_web_search = true;
}

void plan_removal(Reading& reading, const Value& tools, const std::vector<bool>& hosted,
                  const std::string& search_name) {
  Removal removal;
  const bool only_search = std::all_of(hosted.begin(), hosted.end(), [](bool h) { return h; });
  if (const std::optional<Value> choice = present(reading.root, "tool_choice")) {
    if (is_anthropic(reading.shape.format)) {
      read_anthropic_choice(reading, *choice, only_search, search_name);
    } else {
      read_responses_choice(reading, *choice, only_search, removal);
    }
  }
  removal.cut_elements(reading, tools, "tools", hosted);
  // Providers refuse a choice among no tools.
  if (only_search) removal.members.push_back("tool_choice");
  remove_from_include(reading, removal);
  removal.cut_members(reading);
}

}  // namespace

Result<void> read_inline_tool(Reading& reading, const Value& tool, const std::string& path) {
  Result<const ToolType*> type = type_of(reading, tool, path);
  if (!type) return type.error();
  PURSER_TRY(read_cache_control(reading, tool, path + "."));
  return read_client_tool(reading, tool, **type, path);
}

Result<void> read_tools(Reading& reading) {
  const std::optional<Value> tools = present(reading.root, "tools");
  std::vector<bool> hosted;
  std::string search_name = "web_search";
  if (tools) {
    if (!tools->is_array()) return bad_field("tools", "an array");
    if (is_anthropic(reading.shape.format) && tools->child_count() > 0)
      reading.tool_tokens += kToolPromptTokens;
    for (const Value tool : *tools) {
      Result<const ToolType*> type = type_of(reading, tool, "tools[]");
      if (!type) return type.error();
      hosted.push_back((*type)->use == ToolUse::web_search);
      PURSER_TRY(read_cache_control(reading, tool, "tools[]."));
      if (!hosted.back()) {
        PURSER_TRY(read_client_tool(reading, tool, **type, "tools[]"));
        continue;
      }
      // Who only speaks the format may overlook the limit on calls, and search on.
      if (reading.shape.dialect == Dialect::compatible)
        return hosted_tool(reading, "tools[]", std::string((*type)->name));
      if (is_anthropic(reading.shape.format)) {
        PURSER_TRY(read_anthropic_search(reading, tool, **type));
        if (const std::optional<Value> name = present(tool, "name")) search_name = name->text();
      }
      reading.shape.has_web_search = true;
    }
  }
  if (reading.shape.format == Format::openai_responses) PURSER_TRY(read_calls(reading));
  if (reading.shape.has_web_search) plan_removal(reading, *tools, hosted, search_name);
  return {};
}

}  // namespace purser::providers
