#include "sandbox_tool.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "sandbox_schema.h"

namespace purser::providers {
namespace {

// With more tools than this the request comes from an agent program, whose user names a tool when
// it wants one; with fewer, a word in common is asking enough.
constexpr std::size_t kFewTools = 5;
constexpr std::size_t kMinWordLetters = 4;

constexpr std::array<std::string_view, 9> kShells = {
    "Bash",          "bash",        "exec_command",    "shell",
    "shell_command", "run_command", "execute_command", "run_shell_command",
    "terminal"};

bool is_shell(const SandboxTool& tool) {
  return std::find(kShells.begin(), kShells.end(), tool.name) != kShells.end();
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool is_name_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// The text has the phrase, with no letter on either side of it.
bool has_word(std::string_view text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    if ((at == 0 || !is_name_byte(text[at - 1])) &&
        (end == text.size() || !is_name_byte(text[end]))) {
      return true;
    }
  }
  return false;
}

// CMD of "run `CMD`" (or execute, or in quotes).
std::string asked_command(std::string_view asked) {
  const std::string low = lower(asked);
  for (const std::string_view verb : {"run", "execute"}) {
    for (std::size_t at = low.find(verb); at != std::string::npos; at = low.find(verb, at + 1)) {
      std::size_t open = at + verb.size();
      while (open < low.size() &&
             (is_name_byte(low[open]) || low[open] == ' ' || low[open] == ':') && open < at + 40) {
        ++open;
      }
      if (open >= asked.size() || (asked[open] != '`' && asked[open] != '"')) continue;
      const std::size_t close = asked.find(asked[open], open + 1);
      if (close == std::string_view::npos || close == open + 1) continue;
      return std::string(asked.substr(open + 1, close - open - 1));
    }
  }
  return {};
}

// "get_weather" and "getWeather" share "weather" with "what is the weather?".
bool shares_a_word(const SandboxTool& tool, std::string_view low_asked) {
  std::string word;
  const auto matches = [&]() {
    const bool shared = word.size() >= kMinWordLetters && has_word(low_asked, word);
    word.clear();
    return shared;
  };
  for (const char c : tool.name) {
    const bool starts_word = std::isupper(static_cast<unsigned char>(c)) != 0;
    if ((starts_word || !std::isalnum(static_cast<unsigned char>(c))) && matches()) return true;
    if (std::isalnum(static_cast<unsigned char>(c))) word.push_back(lower(c));
  }
  return matches();
}

bool is_named(const SandboxTool& tool, std::string_view asked, std::string_view low_asked) {
  if (has_word(asked, "`" + tool.name + "`")) return true;
  const std::string name = lower(tool.name);
  for (const char* lead : {"use the ", "use ", "call the ", "call "}) {
    if (has_word(low_asked, lead + name)) return true;
  }
  if (has_word(low_asked, name + " tool")) return true;
  // A name that is no word of a language needs no more.
  return tool.name.find('_') != std::string::npos && has_word(asked, tool.name);
}

bool asks_for_any(std::string_view low_asked) {
  for (const char* phrase : {"use the tool", "use a tool", "use your tool", "use your tools",
                             "use tools", "call the tool", "call a tool"}) {
    if (has_word(low_asked, phrase)) return true;
  }
  return false;
}

const SandboxTool* chosen_tool(const SandboxRequest& request, const std::string& command) {
  const auto find = [&](auto&& matches) -> const SandboxTool* {
    const auto found = std::find_if(request.tools.begin(), request.tools.end(), matches);
    return found == request.tools.end() ? nullptr : &*found;
  };
  if (!request.chosen_tool.empty()) {
    return find([&](const SandboxTool& tool) { return tool.name == request.chosen_tool; });
  }
  const std::string low = lower(request.asked);
  const SandboxTool* tool = nullptr;
  if (!command.empty()) tool = find(is_shell);
  if (!tool) {
    tool = find([&](const SandboxTool& one) { return is_named(one, request.asked, low); });
  }
  if (!tool && asks_for_any(low)) tool = find(is_shell);
  const bool any = asks_for_any(low) || request.tool_choice == SandboxRequest::ToolChoice::required;
  if (!tool && request.tools.size() <= kFewTools) {
    tool = find([&](const SandboxTool& one) { return shares_a_word(one, low); });
  }
  if (!tool && any) tool = &request.tools.front();
  return tool;
}

}  // namespace

std::optional<SandboxToolCall> choose_sandbox_tool(const SandboxRequest& request) {
  if (request.tools.empty() || request.has_tool_result ||
      request.tool_choice == SandboxRequest::ToolChoice::none) {
    return std::nullopt;
  }
  const std::string command = asked_command(request.asked);
  const SandboxTool* tool = chosen_tool(request, command);
  if (!tool) return std::nullopt;
  SandboxToolCall call;
  call.name = tool->name;
  call.is_freeform = tool->is_freeform;
  call.arguments = tool->is_freeform ? (command.empty() ? request.asked : command)
                                     : json_for_schema(tool->schema_json, {request.asked, command});
  return call;
}

}  // namespace purser::providers
