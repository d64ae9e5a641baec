#include "sandbox_request.h"

#include <simdjson.h>

#include <algorithm>

#include "answer_reader.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {

constexpr std::int64_t kBytesPerToken = 4;
constexpr std::int64_t kMaxChoices = 128;
constexpr std::size_t kMaxEmbeddingInputs = 2048;
constexpr std::int64_t kMaxEmbeddingNumbers = 4'000'000;
constexpr std::int64_t kDefaultDimensions = 1536;

std::int64_t int_of(const dom::object& object, std::string_view name, std::int64_t otherwise) {
  std::int64_t found = 0;
  return object.at_key(name).get_int64().get(found) == simdjson::SUCCESS ? found : otherwise;
}

bool bool_of(const dom::object& object, std::string_view name) {
  bool found = false;
  return object.at_key(name).get_bool().get(found) == simdjson::SUCCESS && found;
}

std::string json_of(const dom::object& object, std::string_view name) {
  dom::element found;
  if (object.at_key(name).get(found) != simdjson::SUCCESS) return "{}";
  return simdjson::minify(found);
}

// The bytes of all text below. Media are small in tokens and large in bytes: what looks like them
// is left out.
std::int64_t text_bytes(const dom::element& element) {
  std::int64_t bytes = 0;
  if (element.is_string()) {
    const std::string_view text = element.get_string().value_unsafe();
    return text.starts_with("data:") ? 0 : static_cast<std::int64_t>(text.size());
  }
  if (element.is_array()) {
    const dom::array items = element.get_array().value_unsafe();
    for (const dom::element item : items) bytes += text_bytes(item);
  } else if (element.is_object()) {
    const dom::object members = element.get_object().value_unsafe();
    for (const auto [name, value] : members) {
      if (name == "data" || name == "file_data" || name == "type" || name == "role" ||
          name == "id" || name == "cache_control" || name == "encrypted_content" ||
          name == "signature") {
        continue;
      }
      bytes += text_bytes(value);
    }
  }
  return bytes;
}

std::int64_t tokens_below(const dom::object& object,
                          std::initializer_list<std::string_view> names) {
  std::int64_t bytes = 0;
  for (const std::string_view name : names) {
    dom::element found;
    if (object.at_key(name).get(found) == simdjson::SUCCESS) bytes += text_bytes(found);
  }
  return bytes / kBytesPerToken + 1;
}

// Agent programs put notes of their own beside what their user wrote.
bool is_note(std::string_view text) {
  return text.starts_with("<system-reminder>") || text.starts_with("<environment_context>") ||
         text.starts_with("<user_instructions>") || text.starts_with("# AGENTS.md");
}

// Text of a content that is a string or a list of parts; tool results are not text.
std::string content_text(const dom::object& holder, std::string_view name) {
  dom::element content;
  if (holder.at_key(name).get(content) != simdjson::SUCCESS) return {};
  if (content.is_string()) return std::string(content.get_string().value_unsafe());
  std::string joined;
  dom::array parts;
  if (content.get_array().get(parts) != simdjson::SUCCESS) return {};
  for (const dom::element part : parts) {
    dom::object object;
    if (part.get_object().get(object) != simdjson::SUCCESS) continue;
    const std::string_view text = text_of(object, "text");
    if (text.empty() || is_note(text)) continue;
    if (!joined.empty()) joined += '\n';
    joined += text;
  }
  return joined;
}

void note_user_text(std::string text, SandboxRequest& out) {
  if (text.empty() || is_note(text)) return;
  out.asked = std::move(text);
  out.has_tool_result = false;
}

void note_tool_result(std::string text, SandboxRequest& out) {
  out.tool_result = std::move(text);
  out.has_tool_result = true;
}

void read_stops(const dom::object& request, std::string_view name, SandboxRequest& out) {
  dom::element stop;
  if (request.at_key(name).get(stop) != simdjson::SUCCESS) return;
  const auto take = [&out](const dom::element& element) {
    std::string_view text;
    if (element.get_string().get(text) == simdjson::SUCCESS && !text.empty()) {
      out.stops.emplace_back(text);
    }
  };
  take(stop);
  dom::array list;
  if (stop.get_array().get(list) != simdjson::SUCCESS) return;
  for (const dom::element element : list) take(element);
}

void note_tool(const dom::object& tool, std::string_view schema_name, SandboxRequest& out) {
  const std::string_view name = text_of(tool, "name");
  if (!name.empty()) out.tools.push_back({std::string(name), false, json_of(tool, schema_name)});
}

// OpenAI's chat puts the function in a member of its own, Responses does not.
void read_openai_tools(const dom::object& request, SandboxRequest& out) {
  const auto tools = array_of(request, "tools");
  if (!tools) return;
  for (const dom::element element : *tools) {
    dom::object tool;
    if (element.get_object().get(tool) != simdjson::SUCCESS) continue;
    const std::string_view type = text_of(tool, "type");
    if (type == "function") {
      note_tool(object_of(tool, "function").value_or(tool), "parameters", out);
    } else if (type == "custom") {
      const dom::object custom = object_of(tool, "custom").value_or(tool);
      out.tools.push_back({std::string(text_of(custom, "name")), true, {}});
    }
  }
}

void read_openai_tool_choice(const dom::object& request, SandboxRequest& out) {
  const std::string_view word = text_of(request, "tool_choice");
  if (word == "none") out.tool_choice = SandboxRequest::ToolChoice::none;
  if (word == "required") out.tool_choice = SandboxRequest::ToolChoice::required;
  const auto choice = object_of(request, "tool_choice");
  if (!choice) return;
  std::string_view name = text_of(*choice, "name");
  for (const char* member : {"function", "custom"}) {
    if (const auto inner = object_of(*choice, member)) name = text_of(*inner, "name");
  }
  if (name.empty()) return;
  out.tool_choice = SandboxRequest::ToolChoice::required;
  out.chosen_tool = name;
}

// {type: json_object} or {type: json_schema, …}; the schema lies one deeper in chat.
void read_json_format(const std::optional<dom::object>& format, SandboxRequest& out) {
  if (!format) return;
  const std::string_view type = text_of(*format, "type");
  if (type == "json_object") out.wants_json = true;
  if (type != "json_schema") return;
  out.wants_json = true;
  out.schema_json = json_of(object_of(*format, "json_schema").value_or(*format), "schema");
}

void read_chat(const dom::object& request, SandboxRequest& out) {
  out.choices = std::clamp<std::int64_t>(int_of(request, "n", 1), 1, kMaxChoices);
  if (const auto options = object_of(request, "stream_options")) {
    out.include_usage = bool_of(*options, "include_usage");
  }
  for (const char* name : {"max_completion_tokens", "max_tokens"}) {
    const std::int64_t limit = int_of(request, name, -1);
    if (limit >= 0) out.output_limit_tokens = limit;
  }
  read_stops(request, "stop", out);
  read_openai_tools(request, out);
  read_openai_tool_choice(request, out);
  read_json_format(object_of(request, "response_format"), out);
  out.input_tokens = tokens_below(request, {"messages", "tools", "response_format"});
  const auto messages = array_of(request, "messages");
  if (!messages) return;
  for (const dom::element element : *messages) {
    dom::object message;
    if (element.get_object().get(message) != simdjson::SUCCESS) continue;
    const std::string_view role = text_of(message, "role");
    if (role == "user") note_user_text(content_text(message, "content"), out);
    if (role == "tool") note_tool_result(content_text(message, "content"), out);
    if (role == "assistant") out.has_history = true;
  }
}

void read_response_items(const dom::array& input, SandboxRequest& out) {
  for (const dom::element element : input) {
    dom::object item;
    if (element.get_object().get(item) != simdjson::SUCCESS) continue;
    const std::string_view type = text_of(item, "type");
    const std::string_view role = text_of(item, "role");
    if (type == "function_call_output" || type == "custom_tool_call_output") {
      note_tool_result(content_text(item, "output"), out);
    } else if (role == "user") {
      note_user_text(content_text(item, "content"), out);
    } else if (role == "assistant" || type == "function_call") {
      out.has_history = true;
    }
  }
}

void read_responses(const dom::object& request, SandboxRequest& out) {
  const std::int64_t limit = int_of(request, "max_output_tokens", -1);
  if (limit >= 0) out.output_limit_tokens = limit;
  out.previous_response_id = text_of(request, "previous_response_id");
  out.has_history = !out.previous_response_id.empty();
  read_openai_tools(request, out);
  read_openai_tool_choice(request, out);
  if (const auto text = object_of(request, "text"))
    read_json_format(object_of(*text, "format"), out);
  out.input_tokens = tokens_below(request, {"input", "instructions", "tools", "text"});
  note_user_text(std::string(text_of(request, "input")), out);
  if (const auto input = array_of(request, "input")) read_response_items(*input, out);
}

// One content block of an Anthropic user message; true: it was a tool's result.
bool read_result_block(const dom::object& block, SandboxRequest& out) {
  if (text_of(block, "type") != "tool_result") return false;
  note_tool_result(content_text(block, "content"), out);
  return true;
}

void read_messages_turns(const dom::array& messages, SandboxRequest& out) {
  for (const dom::element element : messages) {
    dom::object message;
    if (element.get_object().get(message) != simdjson::SUCCESS) continue;
    const std::string_view role = text_of(message, "role");
    if (role == "assistant") out.has_history = true;
    if (role != "user") continue;
    bool has_result = false;
    if (const auto blocks = array_of(message, "content")) {
      for (const dom::element part : *blocks) {
        dom::object block;
        if (part.get_object().get(block) != simdjson::SUCCESS) continue;
        if (read_result_block(block, out)) has_result = true;
      }
    }
    if (!has_result) note_user_text(content_text(message, "content"), out);
  }
}

void note_cache_control(std::string_view body, SandboxRequest& out) {
  out.writes_cache = body.find("\"cache_control\"") != std::string_view::npos;
  out.writes_cache_1h =
      out.writes_cache && (body.find("\"ttl\":\"1h\"") != std::string_view::npos ||
                           body.find("\"ttl\": \"1h\"") != std::string_view::npos);
}

void read_messages(const dom::object& request, std::string_view body, SandboxRequest& out) {
  const std::int64_t limit = int_of(request, "max_tokens", -1);
  if (limit >= 0) out.output_limit_tokens = limit;
  read_stops(request, "stop_sequences", out);
  if (const auto tools = array_of(request, "tools")) {
    for (const dom::element element : *tools) {
      dom::object tool;
      if (element.get_object().get(tool) != simdjson::SUCCESS) continue;
      const std::string_view type = text_of(tool, "type");
      if (type.empty() || type == "custom") note_tool(tool, "input_schema", out);
    }
  }
  if (const auto choice = object_of(request, "tool_choice")) {
    const std::string_view type = text_of(*choice, "type");
    if (type == "none") out.tool_choice = SandboxRequest::ToolChoice::none;
    if (type == "any" || type == "tool") out.tool_choice = SandboxRequest::ToolChoice::required;
    out.chosen_tool = text_of(*choice, "name");
  }
  if (const auto config = object_of(request, "output_config")) {
    read_json_format(object_of(*config, "format"), out);
  }
  read_json_format(object_of(request, "output_format"), out);
  note_cache_control(body, out);
  out.input_tokens = tokens_below(request, {"messages", "system", "tools"});
  if (const auto messages = array_of(request, "messages")) read_messages_turns(*messages, out);
}

// A text, a list of texts, a list of tokens, or a list of such lists.
void read_embedding_input(const dom::element& input, SandboxRequest& out) {
  const auto text_tokens = [](std::string_view text) {
    return static_cast<std::int64_t>(text.size()) / kBytesPerToken + 1;
  };
  if (input.is_string()) {
    out.embedding_input_tokens.push_back(text_tokens(input.get_string().value_unsafe()));
    return;
  }
  dom::array list;
  if (input.get_array().get(list) != simdjson::SUCCESS) return;
  std::int64_t plain_tokens = 0;
  for (const dom::element element : list) {
    dom::array tokens;
    if (element.is_string()) {
      out.embedding_input_tokens.push_back(text_tokens(element.get_string().value_unsafe()));
    } else if (element.get_array().get(tokens) == simdjson::SUCCESS) {
      out.embedding_input_tokens.push_back(static_cast<std::int64_t>(tokens.size()));
    } else {
      ++plain_tokens;
    }
  }
  if (plain_tokens > 0) out.embedding_input_tokens.push_back(plain_tokens);
}

Result<SandboxRequest> read_embeddings_request(const dom::object& request, SandboxRequest out) {
  dom::element input;
  if (request.at_key("input").get(input) == simdjson::SUCCESS) read_embedding_input(input, out);
  out.dimensions = int_of(request, "dimensions", kDefaultDimensions);
  out.base64 = text_of(request, "encoding_format") == "base64";
  for (const std::int64_t tokens : out.embedding_input_tokens) out.input_tokens += tokens;
  const auto inputs = static_cast<std::int64_t>(out.embedding_input_tokens.size());
  if (inputs == 0 || out.embedding_input_tokens.size() > kMaxEmbeddingInputs) {
    return Error{"bad_request", "`input` must hold 1 to 2048 texts."};
  }
  if (out.dimensions < 1 || out.dimensions > kMaxEmbeddingNumbers / inputs) {
    return Error{"bad_request", "`dimensions` is out of the sandbox's range for so many inputs."};
  }
  return out;
}

}  // namespace

Result<SandboxRequest> read_sandbox_request(Format format, std::string_view body) {
  dom::parser parser;
  dom::object request;
  if (parser.parse(body.data(), body.size()).get_object().get(request) != simdjson::SUCCESS) {
    return Error{"bad_request", "The body is no JSON object."};
  }
  SandboxRequest out;
  out.format = format;
  out.model = text_of(request, "model");
  out.stream = bool_of(request, "stream");
  if (out.model.empty()) return Error{"bad_request", "`model` is missing."};
  switch (format) {
    case Format::openai_chat:
      read_chat(request, out);
      break;
    case Format::openai_responses:
      read_responses(request, out);
      break;
    case Format::openai_embeddings:
      return read_embeddings_request(request, std::move(out));
    case Format::anthropic_messages:
      read_messages(request, body, out);
      if (!out.output_limit_tokens) return Error{"bad_request", "max_tokens: Field required"};
      break;
    case Format::anthropic_count_tokens:
      read_messages(request, body, out);
      break;
  }
  return out;
}

}  // namespace purser::providers
