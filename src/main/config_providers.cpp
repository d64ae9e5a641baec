// The [[provider]] entries: who they are, where they are, and the key Purser shows them.
#include <fmt/format.h>

#include <algorithm>

#include "config_reading.h"
#include "purser/http/url.h"

namespace purser::main {

namespace {

constexpr std::size_t kMostEntries = 64;
constexpr std::size_t kMostPatterns = 256;

// An entry with the three ways to its key still apart.
struct Draft {
  ProviderConfig entry;
  std::string key, key_file, key_variable;
  bool built_in = false;
  bool seen = false;  // in the file
};

std::vector<Draft> built_in_entries() {
  Draft openai{{"openai", ProviderKind::openai, "https://api.openai.com", "", {}, "", ""},
               "",
               "",
               "OPENAI_API_KEY",
               true};
  Draft anthropic{
      {"anthropic", ProviderKind::anthropic, "https://api.anthropic.com", "", {}, "", ""},
      "",
      "",
      "ANTHROPIC_API_KEY",
      true};
  Draft sandbox{{"sandbox", ProviderKind::sandbox, "", "", {}, "", ""}, "", "", "", true};
  return {openai, anthropic, sandbox};
}

std::optional<ProviderKind> parse_kind(std::string_view text) {
  for (const ProviderKind kind : {ProviderKind::openai, ProviderKind::anthropic,
                                  ProviderKind::openai_compatible, ProviderKind::sandbox}) {
    if (name(kind) == text) return kind;
  }
  return std::nullopt;
}

// The base URL as Purser uses it: without the "/v1" that an SDK's base URL ends with.
Result<std::string> parse_provider_url(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  if (text.ends_with("/v1")) text.resize(text.size() - 3);
  Result<http::Target> target = http::parse_base_url(text);
  if (!target) return target.error();
  return http::to_text(*target);
}

class EntryReader {
 public:
  EntryReader(const ConfigFile& file, const toml::table& table) : file_(file), table_(table) {}

  // Only the name, to find which entry the table is about.
  Result<std::string> read_name() {
    const toml::node* node = table_.get("name");
    if (node == nullptr) {
      return file_.error_at(table_.source(), "a [[provider]] needs a `name`");
    }
    const std::optional<std::string> text = node->value_exact<std::string>();
    if (!text || !is_entry_name(*text)) {
      return file_.error_at(node->source(),
                            "`provider.name` must be at most 64 of a-z, 0-9, `-`, `_` and `.`, "
                            "beginning with a letter or digit");
    }
    return *text;
  }

  Result<void> read_into(Draft& draft) {
    int ways_to_key = 0;
    for (const auto& [key, node] : table_) {
      const std::string_view key_text = key.str();
      if (key_text.starts_with("api_key")) ++ways_to_key;
      if (auto read = read_one(draft, key, node); !read) return read;
    }
    if (ways_to_key > 1) {
      return file_.error_at(table_.source(),
                            "a provider takes one of `api_key`, `api_key_file` and `api_key_env`");
    }
    return check_whole(draft);
  }

 private:
  Result<void> read_one(Draft& draft, const toml::key& key, const toml::node& node) {
    ProviderConfig& entry = draft.entry;
    const std::string_view name = key.str();
    if (name == "name") return {};
    if (name == "kind") return read_kind(entry, node);
    if (name == "base_url") return read_base_url(entry, node);
    if (name == "models") return read_models(entry, node);
    if (name == "api_key" || name == "api_key_file" || name == "api_key_env") {
      draft.key.clear(), draft.key_file.clear(), draft.key_variable.clear();
    }
    if (name == "api_key") return read_text(draft.key, name, node);
    if (name == "api_key_file") return read_text(draft.key_file, name, node);
    if (name == "api_key_env") return read_text(draft.key_variable, name, node);
    if (name == "price_as") return read_text(entry.price_as, name, node);
    if (name == "ca_file") return read_text(entry.ca_file, name, node);
    if (name == "connect_timeout_seconds") return read_time(entry.connect_timeout, name, node);
    if (name == "first_byte_timeout_seconds") {
      return read_time(entry.first_byte_timeout, name, node);
    }
    if (name == "idle_timeout_seconds") return read_time(entry.idle_timeout, name, node);
    return file_.error_at(
        key.source(),
        unknown_setting(fmt::format("provider.{}", name),
                        {"name", "kind", "base_url", "api_key", "api_key_file", "api_key_env",
                         "models", "price_as", "ca_file", "connect_timeout_seconds",
                         "first_byte_timeout_seconds", "idle_timeout_seconds"}));
  }

  Result<void> read_text(std::string& place, std::string_view name, const toml::node& node) {
    const std::optional<std::string> text = node.value_exact<std::string>();
    if (!text) {
      return file_.error_at(
          node.source(), fmt::format("`provider.{}` must be a string, in quotation marks", name));
    }
    place = *text;
    return {};
  }

  Result<void> read_time(Duration& place, std::string_view name, const toml::node& node) {
    const std::optional<Duration> duration = seconds_in(node);
    if (!duration) {
      return file_.error_at(node.source(),
                            fmt::format("`provider.{}` must be a number of seconds above 0", name));
    }
    place = *duration;
    return {};
  }

  Result<void> read_kind(ProviderConfig& entry, const toml::node& node) {
    const std::optional<std::string> text = node.value_exact<std::string>();
    const std::optional<ProviderKind> kind =
        text ? parse_kind(*text) : std::optional<ProviderKind>{};
    if (!kind) {
      return file_.error_at(node.source(),
                            "`provider.kind` must be \"openai\", \"anthropic\", "
                            "\"openai-compatible\" or \"sandbox\"");
    }
    entry.kind = *kind;
    return {};
  }

  Result<void> read_base_url(ProviderConfig& entry, const toml::node& node) {
    const std::optional<std::string> text = node.value_exact<std::string>();
    if (!text) return file_.error_at(node.source(), "`provider.base_url` must be a string");
    Result<std::string> url = parse_provider_url(*text);
    if (!url) {
      return file_.error_at(node.source(), "`provider.base_url`: " + url.error().message);
    }
    entry.base_url = *url;
    return {};
  }

  Result<void> read_models(ProviderConfig& entry, const toml::node& node) {
    std::optional<std::vector<std::string>> patterns = strings_in(node, kMostPatterns);
    if (!patterns) {
      return file_.error_at(
          node.source(), fmt::format("`provider.models` must be a list of at most {} model names "
                                     "or patterns, such as [\"llama-*\"]",
                                     kMostPatterns));
    }
    entry.models = std::move(*patterns);
    return {};
  }

  Result<void> check_whole(const Draft& draft) {
    const ProviderConfig& entry = draft.entry;
    if (!draft.built_in && table_.get("kind") == nullptr) {
      return file_.error_at(table_.source(),
                            fmt::format("provider \"{}\" needs a `kind`: \"openai\", "
                                        "\"anthropic\" or \"openai-compatible\"",
                                        entry.name));
    }
    if ((entry.name == "sandbox") != (entry.kind == ProviderKind::sandbox)) {
      return file_.error_at(table_.source(),
                            "the provider \"sandbox\", and it alone, is of the kind \"sandbox\"");
    }
    if (entry.kind != ProviderKind::sandbox && entry.base_url.empty()) {
      return file_.error_at(
          table_.source(),
          fmt::format("provider \"{}\" needs a `base_url`, such as \"https://openrouter.ai/api\"",
                      entry.name));
    }
    return {};
  }

  const ConfigFile& file_;
  const toml::table& table_;
};

Result<void> read_entry(std::vector<Draft>& drafts, const toml::table& table,
                        const ConfigFile& file) {
  EntryReader reader(file, table);
  Result<std::string> entry_name = reader.read_name();
  if (!entry_name) return entry_name.error();
  auto found = std::ranges::find_if(
      drafts, [&](const Draft& draft) { return draft.entry.name == *entry_name; });
  if (found == drafts.end()) {
    Draft fresh;
    fresh.entry.name = *entry_name;
    found = drafts.insert(drafts.end(), fresh);
  } else if (found->seen) {
    return file.error_at(table.source(),
                         fmt::format("there are two providers named \"{}\"", *entry_name));
  }
  found->seen = true;
  return reader.read_into(*found);
}

Result<ProviderConfig> resolve(const Draft& draft, const ConfigFile& file,
                               const Environment& environment) {
  ProviderConfig entry = draft.entry;
  if (entry.price_as.empty()) entry.price_as = entry.name;
  entry.ca_file = file.resolve(entry.ca_file);
  entry.api_key = draft.key;
  if (!draft.key_variable.empty()) entry.api_key = environment(draft.key_variable).value_or("");
  if (!draft.key_file.empty()) {
    const std::string path = file.resolve(draft.key_file);
    entry.api_key = first_line_of(path);
    if (entry.api_key.empty()) {
      return Error{"bad_config",
                   fmt::format("provider \"{}\": its `api_key_file` \"{}\" cannot be read, or its "
                               "first line is empty",
                               entry.name, path)};
    }
  }
  // It travels in a header: a stray byte would be refused there, with less to say.
  if (!std::ranges::all_of(entry.api_key, [](char c) { return c > ' ' && c < 0x7f; })) {
    return Error{"bad_config", fmt::format("provider \"{}\": its key holds spaces, line ends or "
                                           "letters that no key has",
                                           entry.name)};
  }
  return entry;
}

}  // namespace

Result<std::vector<ProviderConfig>> read_providers(const toml::table* root, const ConfigFile& file,
                                                   const Environment& environment) {
  std::vector<Draft> drafts = built_in_entries();
  const toml::node* node = root ? root->get("provider") : nullptr;
  if (node != nullptr) {
    const toml::array* entries = node->as_array();
    if (entries == nullptr || entries->size() > kMostEntries) {
      return file.error_at(node->source(),
                           fmt::format("providers are written as [[provider]], in double brackets, "
                                       "at most {} of them",
                                       kMostEntries));
    }
    for (const toml::node& entry : *entries) {
      if (!entry.is_table()) return file.error_at(entry.source(), "write [[provider]]");
      if (auto read = read_entry(drafts, *entry.as_table(), file); !read) return read.error();
    }
  }
  std::vector<ProviderConfig> resolved;
  for (const Draft& draft : drafts) {
    Result<ProviderConfig> entry = resolve(draft, file, environment);
    if (!entry) return entry.error();
    resolved.push_back(std::move(*entry));
  }
  return resolved;
}

}  // namespace purser::main
