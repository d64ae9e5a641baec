#include "request_reader.h"

#include <algorithm>

namespace purser::providers {
namespace {

constexpr std::size_t kMostModelBytes = 256;
constexpr std::size_t kMostUserBytes = 512;
constexpr std::size_t kMostMetadataBytes = 16 * 1024;

// No lenient reader sees another key than it is.
bool is_plain(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || (c > 0 && c < 'A');
  });
}

// As a reader without regard to case would see it; Go's also takes ſ for s and the Kelvin sign for
// k.
std::string folded(std::string_view key) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key.substr(i, 2) == "\u017f") {
      out.push_back('s');
      i += 1;
    } else if (key.substr(i, 3) == "\u212a") {
      out.push_back('k');
      i += 2;
    } else if (key[i] >= 'A' && key[i] <= 'Z') {
      out.push_back(static_cast<char>(key[i] - 'A' + 'a'));
    } else if (key[i] == '\0') {
      break;  // readers in C stop here
    } else {
      out.push_back(key[i]);
    }
  }
  return out;
}

Error misspelled(std::string_view path, std::string_view key, std::string_view name) {
  std::string seen;
  for (const char c : key) seen.push_back(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
  return {"bad_field", "The key \"" + std::string(path) + seen + "\" is not \"" +
                           std::string(name) +
                           "\", yet some providers take it for the same. Write it as \"" +
                           std::string(name) + "\"."};
}

// Null, false, "" and [] ask for nothing. {} does: `"web_search_options": {}` is how OpenAI's own
// examples turn the search on.
bool says_nothing(const Value& value) {
  if (value.is_null() || value.is_false()) return true;
  if (value.is_array()) return value.child_count() == 0;
  return value.is_string() && value.raw() == "\"\"";
}

bool listed(std::string_view allowed, std::string_view text) {
  while (!allowed.empty()) {
    const std::size_t bar = allowed.find('|');
    if (allowed.substr(0, bar) == text) return true;
    if (bar == std::string_view::npos) return false;
    allowed.remove_prefix(bar + 1);
  }
  return false;
}

std::string alternatives(std::string_view allowed) {
  std::string out;
  for (const char c : allowed) {
    if (c == '|') {
      out += "\", \"";
    } else {
      out.push_back(c);
    }
  }
  return "\"" + out + "\"";
}

Result<void> check_field(const Field& field, const Value& value) {
  if (field.use == FieldUse::refused && !says_nothing(value))
    return refused_field(field.name, field.reason);
  if (field.use != FieldUse::limited || value.is_null()) return {};
  if (value.is_string() && listed(field.allowed, value.text())) return {};
  // A list of nothing but allowed values.
  if (value.is_array() && std::all_of(value.begin(), value.end(), [&](const Value& element) {
        return element.is_string() && listed(field.allowed, element.text());
      }))
    return {};
  return refused_field(field.name,
                       std::string(field.reason) + "; admitted: " + alternatives(field.allowed));
}

std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  text.resize(most);
  return text;
}

}  // namespace

Error bad_field(std::string_view path, std::string_view wanted) {
  return {"bad_field", "\"" + std::string(path) + "\" must be " + std::string(wanted) +
                           ": Purser reads it to know what the request can cost."};
}

Error refused_field(std::string_view path, std::string_view reason) {
  return {"refused_field", "Purser does not let \"" + std::string(path) +
                               "\" through as it stands, since " + std::string(reason) +
                               ". Take it out and send the request again."};
}

Result<std::int64_t> read_count(const Value& value, std::string_view path, std::int64_t most) {
  const auto wrong = [&] {
    return bad_field(path, "a whole number from 1 to " + std::to_string(most));
  };
  if (!value.is_number()) return wrong();
  const std::string_view token = value.raw();
  // digits × 10^exponent, exactly: no double rounds 0.99999999999999999999 to 1 here.
  std::string digits;
  std::int64_t exponent = 0;
  std::size_t at = 0;
  if (token[0] == '-') return wrong();
  bool fraction = false;
  for (; at < token.size() && token[at] != 'e' && token[at] != 'E'; ++at) {
    if (token[at] == '.') {
      fraction = true;
    } else {
      digits.push_back(token[at]);
      if (fraction) --exponent;
    }
  }
  if (at < token.size()) {
    const bool negative = token[++at] == '-';
    if (token[at] == '-' || token[at] == '+') ++at;
    std::int64_t given = 0;
    for (; at < token.size(); ++at)
      given = std::min<std::int64_t>(given * 10 + token[at] - '0', 100'000);
    exponent += negative ? -given : given;
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back(), ++exponent;
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty() || exponent < 0 || digits.size() > 18) return wrong();
  std::int64_t count = std::stoll(digits);
  for (; exponent > 0 && count <= most; --exponent) count *= 10;
  if (count > most) return wrong();
  return count;
}

std::optional<Value> present(const Value& object, std::string_view key) {
  std::optional<Value> member = object.find(key);
  if (member && member->is_null()) return std::nullopt;
  return member;
}

Result<void> check_spelling(const Value& object, std::string_view path,
                            std::initializer_list<std::string_view> names) {
  if (!object.is_object()) return {};
  for (const Value member : object) {
    if (is_plain(member.key())) continue;
    const std::string plain = folded(member.key());
    const auto name = std::find(names.begin(), names.end(), plain);
    if (name != names.end()) return misspelled(path, member.key(), *name);
  }
  return {};
}

Result<void> check_fields(const Reading& reading) {
  for (const Value member : reading.root) {
    const Field* field = find_field(reading.shape.format, member.key());
    if (field != nullptr) {
      PURSER_TRY(check_field(*field, member));
    } else if (!is_plain(member.key())) {
      const std::string plain = folded(member.key());
      if (find_field(reading.shape.format, plain) != nullptr)
        return misspelled("", member.key(), plain);
    }
  }
  return {};
}

Result<void> read_model(Reading& reading) {
  const std::optional<Value> model = present(reading.root, "model");
  if (!model || !model->is_string()) return bad_field("model", "the name of a model");
  std::string name = model->text();
  const bool clean = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) != 0x7F;
  });
  if (name.empty() || name.size() > kMostModelBytes || !clean)
    return bad_field("model", "the name of a model, without spaces, of at most 256 bytes");
  if (searches_by_itself(reading.shape.format, name))
    return refused_field("model", "\"" + name +
                                      "\" searches the web in every request, with a fee and no "
                                      "limit on the number of searches");
  reading.plan.edits.push_back({model->span(), Edit::What::model, {}, {}, {}});
  reading.shape.model = std::move(name);
  return {};
}

Result<void> read_stream(Reading& reading) {
  const std::optional<Value> stream = present(reading.root, "stream");
  if (!stream) return {};
  if (!stream->is_true() && !stream->is_false()) return bad_field("stream", "true or false");
  reading.shape.stream = stream->is_true();
  return {};
}

Result<void> read_service_tier(Reading& reading, std::string_view standard) {
  const std::optional<Value> tier = present(reading.root, "service_tier");
  if (tier) {
    if (!tier->is_string()) return bad_field("service_tier", "a text");
    const std::string text = tier->text();
    if (text != "auto" && text != standard)
      return refused_field("service_tier", "\"" + shortened(text, 40) +
                                               "\" has a price of its own; Purser buys the "
                                               "standard tier (\"" +
                                               std::string(standard) + "\")");
  }
  if (reading.shape.dialect != Dialect::compatible)
    write_member(reading.plan, reading.root, "service_tier", Edit::What::always,
                 "\"" + std::string(standard) + "\"");
  return {};
}

void read_attribution(Reading& reading) {
  std::optional<Value> user = present(reading.root, "user");
  if (!user) user = present(reading.root, "safety_identifier");
  if (user) reading.shape.end_user = shortened(user->text(), kMostUserBytes);
  const std::optional<Value> metadata = present(reading.root, "metadata");
  if (metadata && metadata->is_object() && metadata->raw().size() <= kMostMetadataBytes)
    reading.shape.metadata_json = metadata->raw();
}

Result<void> read_moderation(const Reading& reading) {
  const std::optional<Value> moderation = present(reading.root, "moderation");
  if (!moderation) return {};
  const std::optional<Value> model = moderation->find("model");
  if (!model || !model->is_string() || !model->text().starts_with("omni-moderation"))
    return refused_field("moderation.model",
                         "only the omni-moderation models are known to cost nothing");
  return {};
}

Result<void> read_prompt_cache_options(const Reading& reading) {
  const std::optional<Value> options = present(reading.root, "prompt_cache_options");
  if (!options) return {};
  if (!options->is_object()) return bad_field("prompt_cache_options", "an object");
  PURSER_TRY(check_spelling(*options, "prompt_cache_options.", {"ttl"}));
  const std::optional<Value> ttl = present(*options, "ttl");
  if (ttl && !ttl->is_text("30m"))
    return refused_field("prompt_cache_options.ttl",
                         "a longer lifetime may have another price; admitted: \"30m\"");
  return {};
}

Result<void> read_output_limit(Reading& reading, std::initializer_list<std::string_view> keys,
                               std::string_view written_where_absent) {
  bool given = false;
  for (const std::string_view key : keys) {
    const std::optional<Value> member = reading.root.find(key);
    if (!member) continue;
    // Null is no limit; both it and a number are replaced by ours.
    if (!member->is_null()) {
      Result<std::int64_t> limit = read_count(*member, key, kMostTokens);
      if (!limit) return limit.error();
      std::optional<std::int64_t>& least = reading.shape.output_limit_tokens;
      least = std::min(least.value_or(kMostTokens), *limit);
      write_member(reading.plan, reading.root, key, Edit::What::output_limit);
      given = true;
    }
  }
  if (!given)
    write_member(reading.plan, reading.root, written_where_absent, Edit::What::output_limit);
  return {};
}

void cut_marker(Reading& reading, const Value& object, std::string_view key) {
  std::vector<Item> items;
  for (const Value member : object) items.push_back({member.item_span(), member.key() == key});
  for (const Span cut : cuts_of(items)) reading.marker_cuts.push_back(cut);
}

Result<void> read_cache_control(Reading& reading, const Value& holder, std::string_view path) {
  PURSER_TRY(check_spelling(holder, path, {"cache_control"}));
  const std::optional<Value> control = holder.find("cache_control");
  if (!control) return {};
  cut_marker(reading, holder, "cache_control");
  if (control->is_null()) return {};
  if (!control->is_object()) return bad_field(std::string(path) + "cache_control", "an object");
  PURSER_TRY(check_spelling(*control, std::string(path) + "cache_control.", {"ttl"}));
  const std::optional<Value> ttl = present(*control, "ttl");
  // OpenAI itself knows no such marker; some who speak its format pass it on to Anthropic.
  const bool writes = reading.shape.dialect != Dialect::openai;
  if (!ttl || ttl->is_text("5m")) {
    reading.shape.may_write_cache_5m |= writes;
  } else if (ttl->is_text("1h")) {
    reading.shape.may_write_cache_1h |= writes;
  } else {
    return refused_field(std::string(path) + "cache_control.ttl",
                         "a lifetime other than \"5m\" or \"1h\" has no known price");
  }
  return {};
}

Result<void> read_cache_breakpoint(Reading& reading, const Value& holder, std::string_view path) {
  PURSER_TRY(check_spelling(holder, path, {"prompt_cache_breakpoint"}));
  const std::optional<Value> mark = holder.find("prompt_cache_breakpoint");
  if (!mark) return {};
  cut_marker(reading, holder, "prompt_cache_breakpoint");
  if (mark->is_null()) return {};
  if (!mark->is_object())
    return bad_field(std::string(path) + "prompt_cache_breakpoint", "an object");
  const std::optional<Value> ttl = present(*mark, "ttl");
  if (ttl && !ttl->is_text("30m"))
    return refused_field(std::string(path) + "prompt_cache_breakpoint.ttl",
                         "a longer lifetime may have another price; admitted: \"30m\"");
  return {};
}

}  // namespace purser::providers
