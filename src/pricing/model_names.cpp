#include "model_names.h"

#include <algorithm>

namespace purser::pricing {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_separator(char c) { return c == '-' || c == '@' || c == ':'; }

// `shape` holds 0 for any digit; any other character stands for itself.
bool looks_like(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  return true;
}

bool is_release_date(std::string_view text) {
  return looks_like(text, "00000000") || looks_like(text, "0000-00-00");
}

// One piece between separators that tells a release of a model from another release of it.
bool is_release_word(std::string_view word) {
  static constexpr std::string_view kWords[] = {"latest",       "preview",  "exp",
                                                "experimental", "thinking", "beta"};
  if (std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords)) return true;
  if (word.size() == 2 && word[0] == 'v' && is_digit(word[1])) return true;
  // 001, 0309, 2506, 20250514. One or two digits alone would be a version: "sonnet-5-5".
  return word.size() >= 3 && word.size() <= 8 && std::all_of(word.begin(), word.end(), is_digit);
}

// What follows a variants prefix, its separator included: "-20250514", "-preview-05-20", "@001".
bool is_release_suffix(std::string_view suffix) {
  while (!suffix.empty()) {
    if (!is_separator(suffix[0])) return false;
    suffix.remove_prefix(1);
    bool dated = false;
    for (const std::string_view shape : {"0000-00-00", "00-0000", "00-00"}) {
      if (suffix.size() < shape.size() || !looks_like(suffix.substr(0, shape.size()), shape))
        continue;
      if (suffix.size() > shape.size() && !is_separator(suffix[shape.size()])) continue;
      suffix.remove_prefix(shape.size());
      dated = true;
      break;
    }
    if (dated) continue;
    const std::size_t end = std::min(suffix.find_first_of("-@:"), suffix.size());
    if (!is_release_word(suffix.substr(0, end))) return false;
    suffix.remove_prefix(end);
  }
  return true;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool ModelNames::add(Map& map, std::string_view text, std::size_t model) {
  if (text.empty() || text.size() > kMaxModelNameBytes) return false;
  const auto [at, added] = map.emplace(lower_case(text), model);
  return added || at->second == model;
}

bool ModelNames::add_exact(std::string_view name, std::size_t model) {
  return add(exact_, name, model);
}
bool ModelNames::add_dated(std::string_view prefix, std::size_t model) {
  return add(dated_, prefix, model);
}
bool ModelNames::add_variants(std::string_view prefix, std::size_t model) {
  return add(variants_, prefix, model);
}
bool ModelNames::add_open(std::string_view prefix, std::size_t model) {
  return add(open_, prefix, model);
}

std::optional<std::size_t> ModelNames::find_exact(std::string_view name) const {
  if (name.size() > kMaxModelNameBytes) return std::nullopt;
  const auto found = exact_.find(lower_case(name));
  if (found == exact_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> ModelNames::find(std::string_view name) const {
  if (name.empty() || name.size() > kMaxModelNameBytes) return std::nullopt;
  const std::string lower = lower_case(name);
  const std::string_view view = lower;
  const auto in = [](const Map& map, std::string_view text) -> std::optional<std::size_t> {
    const auto found = map.find(std::string(text));
    if (found == map.end()) return std::nullopt;
    return found->second;
  };

  if (const auto model = in(exact_, view)) return model;
  for (const std::size_t date_bytes : {std::size_t{8}, std::size_t{10}}) {
    if (view.size() < date_bytes + 2) continue;
    const std::size_t cut = view.size() - date_bytes - 1;
    if ((view[cut] != '-' && view[cut] != '@') || !is_release_date(view.substr(cut + 1))) continue;
    if (const auto model = in(dated_, view.substr(0, cut))) return model;
  }
  // A name without a suffix first, then ever shorter prefixes.
  for (std::size_t cut = variants_.empty() ? 0 : view.size(); cut > 0; --cut) {
    if (cut < view.size() && !is_separator(view[cut])) continue;
    if (const auto model = in(variants_, view.substr(0, cut)))
      if (is_release_suffix(view.substr(cut))) return model;
  }
  for (std::size_t cut = open_.empty() ? 0 : view.size(); cut > 0; --cut)
    if (const auto model = in(open_, view.substr(0, cut))) return model;
  return std::nullopt;
}

}  // namespace purser::pricing
