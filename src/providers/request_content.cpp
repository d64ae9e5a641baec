// Parts of messages in all three formats: what counts by its bytes, what by a figure, and what the
// provider fetches by itself.
#include <algorithm>

#include "image_size.h"
#include "input_bound.h"
#include "request_reader.h"

namespace purser::providers {
namespace {

Error unknown_part(const std::string& path, std::string_view type) {
  std::string shown;
  for (const char c : type.substr(0, 40)) {
    if (static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F)
      shown.push_back(c);
  }
  return {"unknown_part", "Purser does not know what a part of type \"" + shown + "\" (\"" + path +
                              "\") costs, so it does not let it through. Send it as text or as an "
                              "image."};
}

void store_id(Reading& reading, const Value& id) { reading.shape.stored_ids.push_back(id.text()); }

// Base64 as it stands in a string of JSON. Some writers escape every slash.
std::string base64_of(const Value& value) {
  const std::string_view raw = value.raw();
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  return value.text();
}

// The image in a string that holds nothing else; its bytes count by a figure.
void count_image(Reading& reading, const Value& holder, std::int64_t tokens) {
  reading.media_bytes += holder.compact_bytes();
  reading.media_tokens += tokens;
}

Result<void> read_openai_image(Reading& reading, const Value& url, std::string_view detail,
                               const std::string& path) {
  if (!url.is_string()) return bad_field(path, "a URL");
  const std::string text = base64_of(url);
  const std::size_t comma = text.find(',');
  const std::string_view head = std::string_view(text).substr(0, comma);
  if (!head.starts_with("data:") || !head.ends_with(";base64") || comma == std::string::npos) {
    reads_unseen(reading, "image_url");
    return {};
  }
  // Which model answers is not known well enough for a figure.
  if (reading.shape.dialect == Dialect::compatible) {
    reads_unseen(reading, "image");
    return {};
  }
  const std::optional<ImageSize> size = image_size(std::string_view(text).substr(comma + 1));
  count_image(reading, url, openai_image_tokens(reading.shape.model, detail, size));
  return {};
}

std::string detail_of(const Value& holder) {
  const std::optional<Value> detail = present(holder, "detail");
  return detail ? detail->text() : std::string();
}

Result<void> read_chat_image(Reading& reading, const Value& part, const std::string& path) {
  const std::optional<Value> image = present(part, "image_url");
  if (!image) return bad_field(path + "image_url", "an object with a url");
  if (image->is_string()) return read_openai_image(reading, *image, "", path + "image_url");
  PURSER_TRY(check_spelling(*image, path + "image_url.", {"url", "detail"}));
  const std::optional<Value> url = present(*image, "url");
  if (!url) return bad_field(path + "image_url.url", "a URL");
  return read_openai_image(reading, *url, detail_of(*image), path + "image_url.url");
}

Result<void> read_responses_image(Reading& reading, const Value& part, const std::string& path) {
  if (const std::optional<Value> id = present(part, "file_id")) {
    store_id(reading, *id);
    reads_unseen(reading, "file_id");
    return {};
  }
  const std::optional<Value> url = present(part, "image_url");
  if (!url) return bad_field(path + "image_url", "a URL");
  return read_openai_image(reading, *url, detail_of(part), path + "image_url");
}

Result<void> read_source(Reading& reading, const Value& source, bool image,
                         const std::string& path) {
  PURSER_TRY(check_spelling(source, path, {"type", "data", "url", "file_id", "content"}));
  const std::optional<Value> type = present(source, "type");
  const std::string kind = type ? type->text() : std::string();
  if (kind == "url") {
    reads_unseen(reading, image ? "image_url" : "document_url");
    return {};
  }
  if (kind == "file") {
    if (const std::optional<Value> id = present(source, "file_id")) store_id(reading, *id);
    reads_unseen(reading, "file_id");
    return {};
  }
  if (kind == "base64") {
    const std::optional<Value> data = present(source, "data");
    if (!data || !data->is_string()) return bad_field(path + "data", "a text in base64");
    if (image) {
      count_image(reading, *data, anthropic_image_tokens(image_size(base64_of(*data))));
    } else {
      reads_unseen(reading, "document");
    }
    return {};
  }
  if (!image && kind == "text") return {};
  if (!image && kind == "content") {
    const std::optional<Value> content = present(source, "content");
    return content ? read_content(reading, *content, path + "content") : Result<void>();
  }
  return unknown_part(path + "type", kind);
}

Result<void> read_image(Reading& reading, const Value& part, const std::string& path) {
  switch (reading.shape.format) {
    case Format::openai_chat:
      return read_chat_image(reading, part, path);
    case Format::openai_responses:
      return read_responses_image(reading, part, path);
    default: {
      const std::optional<Value> source = present(part, "source");
      if (!source || !source->is_object()) return bad_field(path + "source", "an object");
      return read_source(reading, *source, true, path + "source.");
    }
  }
}

Result<void> read_file(Reading& reading, const Value& part, const std::string& path) {
  if (is_anthropic(reading.shape.format)) {
    const std::optional<Value> source = present(part, "source");
    if (!source || !source->is_object()) return bad_field(path + "source", "an object");
    return read_source(reading, *source, false, path + "source.");
  }
  const std::optional<Value> inner = present(part, "file");
  const Value holder = inner && inner->is_object() ? *inner : part;
  PURSER_TRY(check_spelling(holder, path, {"file_id", "file_data", "file_url"}));
  if (const std::optional<Value> id = present(holder, "file_id")) {
    store_id(reading, *id);
    reads_unseen(reading, "file_id");
  } else {
    reads_unseen(reading, present(holder, "file_url") ? "file_url" : "file_data");
  }
  return {};
}

Result<void> read_nested(Reading& reading, const Value& part, const std::string& path) {
  for (const std::string_view key : {"content", "output"}) {
    const std::optional<Value> inner = present(part, key);
    if (!inner) continue;
    const std::string inner_path = path + std::string(key);
    if (inner->is_object()) {
      PURSER_TRY(read_part(reading, *inner, inner_path + "."));
    } else {
      PURSER_TRY(read_content(reading, *inner, inner_path));
    }
  }
  return {};
}

Result<void> read_part_tools(Reading& reading, const Value& part, const std::string& path) {
  reading.media_tokens += json_tokens(part) - part.compact_bytes();
  if (const std::optional<Value> tools = present(part, "tools")) {
    if (!tools->is_array()) return bad_field(path + "tools", "an array");
    for (const Value tool : *tools) {
      PURSER_TRY(read_inline_tool(reading, tool, path + "tools"));
    }
  }
  const std::optional<Value> tool = present(part, "tool");
  if (!tool) return {};
  PURSER_TRY(check_spelling(*tool, path + "tool.", {"type", "definition"}));
  const std::optional<Value> type = present(*tool, "type");
  if (type && type->is_text("tool_reference") && !present(*tool, "definition")) return {};
  const std::optional<Value> definition = present(*tool, "definition");
  if (!definition || !type || !type->is_text("tool_definition"))
    return Error{"refused_tool", "Purser admits in \"" + path +
                                     "tool\" only a reference to a tool of the request or the "
                                     "definition of one that the client executes."};
  return read_inline_tool(reading, *definition, path + "tool.definition");
}

// Reasoning that is sent back: its text stands here encrypted, or the provider has kept it.
void read_reasoning(Reading& reading, const Value& part) {
  const std::optional<Value> encrypted = present(part, "encrypted_content");
  if (encrypted && encrypted->is_string() && encrypted->compact_bytes() > 2) return;
  if (const std::optional<Value> id = present(part, "id")) {
    store_id(reading, *id);
    reads_unseen(reading, "stored_reasoning");
  }
}

void read_unseen_part(Reading& reading, const Value& part, const std::string& type) {
  if (type == "item_reference") {
    if (const std::optional<Value> id = present(part, "id")) store_id(reading, *id);
  }
  reads_unseen(reading, type);
}

std::string type_of(const Reading& reading, const Value& part) {
  const std::optional<Value> type = present(part, "type");
  if (type) return type->text();
  if (reading.shape.format != Format::openai_responses) return {};
  // The Responses API takes a message, or a reference to an item, without its type.
  if (present(part, "role")) return "message";
  return part.child_count() == 1 && present(part, "id") ? "item_reference" : "";
}

}  // namespace

void reads_unseen(Reading& reading, std::string_view reason) {
  if (!reading.shape.reads_unseen) reading.shape.unseen_reason = reason;
  reading.shape.reads_unseen = true;
}

Result<void> read_part(Reading& reading, const Value& part, const std::string& path) {
  if (!part.is_object()) return bad_field(path, "an object");
  PURSER_TRY(check_spelling(
      part, path,
      {"type", "role", "content", "output", "image_url", "source", "file", "file_id", "file_url",
       "file_data", "input_audio", "tools", "tool", "id", "encrypted_content", "citations"}));
  PURSER_TRY(read_cache_control(reading, part, path));
  PURSER_TRY(read_cache_breakpoint(reading, part, path));
  const std::string type = type_of(reading, part);
  const PartType* known = find_part_type(reading.shape.format, type);
  if (known == nullptr) return unknown_part(path + "type", type);
  // The provider then numbers every sentence, which a text of short ones makes longer.
  if (const std::optional<Value> citations = present(part, "citations")) {
    const std::optional<Value> enabled = present(*citations, "enabled");
    if (enabled && !enabled->is_false()) reads_unseen(reading, "citations");
  }
  switch (known->use) {
    case PartUse::text:
      // Arguments of a call may stand here as JSON, which the provider writes anew.
      if (const std::optional<Value> input = present(part, "input"))
        reading.media_tokens += json_tokens(*input) - input->compact_bytes();
      return {};
    case PartUse::image:
      return read_image(reading, part, path);
    case PartUse::audio:
      // How long it lasts is not known from its bytes: a header can claim one sample a second.
      reading.shape.has_audio_input = true;
      reads_unseen(reading, "audio");
      return {};
    case PartUse::file:
      return read_file(reading, part, path);
    case PartUse::nested:
      return read_nested(reading, part, path);
    case PartUse::tools:
      return read_part_tools(reading, part, path);
    case PartUse::encrypted_reasoning:
      read_reasoning(reading, part);
      return {};
    case PartUse::unseen:
      read_unseen_part(reading, part, type);
      return {};
    case PartUse::refused:
      return Error{"unknown_part", "Purser does not let a part of type \"" + type +
                                       "\" through, since " + std::string(known->reason) + "."};
  }
  return {};
}

Result<void> read_content(Reading& reading, const Value& content, const std::string& path) {
  if (content.is_string() || content.is_null()) return {};
  if (!content.is_array()) return bad_field(path, "a text or an array of parts");
  for (const Value part : content) {
    // Mistral's and some older servers' short form: a text among the parts.
    if (part.is_string()) continue;
    reading.media_tokens += kMessageTokens;
    PURSER_TRY(read_part(reading, part, path + "[]."));
  }
  return {};
}

}  // namespace purser::providers
