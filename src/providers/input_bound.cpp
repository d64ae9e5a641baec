#include "input_bound.h"

#include <algorithm>

namespace purser::providers {
namespace {

bool reaches_the_model(const Field* field) {
  return field == nullptr || field->use == FieldUse::prompt ||
         field->use == FieldUse::metered_prompt;
}

std::int64_t member_tokens(const Value& member) {
  if (member.is_string()) return member.compact_bytes();
  // Blocks of text are passed on as text.
  return member.key() == "system" ? member.compact_bytes() : json_tokens(member);
}

}  // namespace

std::int64_t json_tokens(const Value& value) {
  const std::string_view raw = value.raw();
  const std::int64_t non_ascii =
      std::count_if(raw.begin(), raw.end(), [](char c) { return (c & 0x80) != 0; });
  return value.compact_bytes() + 2 * non_ascii + 2 * value.value_count();
}

void InputBound::mark() { reading_.shape.prefixes.push_back({digest_.value(), tokens_}); }

void InputBound::add_head() {
  std::sort(reading_.marker_cuts.begin(), reading_.marker_cuts.end(),
            [](Span a, Span b) { return a.begin < b.begin; });
  digest_.add(path(reading_.shape.format));
  digest_.add(reading_.shape.model);
  for (const std::string& beta : reading_.headers.anthropic_betas) digest_.add(beta);
  tokens_ = kRequestTokens + reading_.tool_tokens + reading_.media_tokens - reading_.media_bytes;
  for (const Value member : reading_.root) {
    if (!reaches_the_model(find_field(reading_.shape.format, member.key()))) continue;
    digest_.add(member.key());
    digest_.add_without(reading_.body, member.span(), reading_.marker_cuts);
    tokens_ += member_tokens(member) + static_cast<std::int64_t>(member.key().size());
  }
  digest_.add("messages");
  reading_.marker_cuts.clear();
  reading_.media_bytes = 0;
  reading_.media_tokens = 0;
  mark();
}

void InputBound::add_message(const Value& message, std::int64_t json_extra, std::size_t after) {
  std::sort(reading_.marker_cuts.begin(), reading_.marker_cuts.end(),
            [](Span a, Span b) { return a.begin < b.begin; });
  tokens_ += message.compact_bytes() + json_extra + kMessageTokens + reading_.media_tokens -
             reading_.media_bytes;
  const std::optional<Value> content =
      canonical_content_ ? message.find("content") : std::optional<Value>();
  if (content && content->is_string()) {
    const Span all = message.span();
    const Span text = content->span();
    digest_.add_without(reading_.body, {all.begin, text.begin}, reading_.marker_cuts);
    digest_.add_without("[{\"type\":\"text\",\"text\":", {0, 23}, {});
    digest_.add_without(reading_.body, text, {});
    digest_.add_without("}]", {0, 2}, {});
    digest_.add_without(reading_.body, {text.end, all.end}, reading_.marker_cuts);
  } else {
    digest_.add_without(reading_.body, message.span(), reading_.marker_cuts);
  }
  reading_.marker_cuts.clear();
  reading_.media_bytes = 0;
  reading_.media_tokens = 0;
  if (after < kMostMarks) mark();
}

void InputBound::finish() {
  reading_.shape.input_tokens = tokens_;
  if (!reading_.prefixes_hold || reading_.shape.reads_unseen) reading_.shape.prefixes.clear();
}

}  // namespace purser::providers
