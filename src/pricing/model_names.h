// Private to pricing/: which model of one provider a client's name means. Names are compared in
// lower case. In this order, so that no name falls to another model's price by accident:
//
//   1. exact      the name itself
//   2. dated      the name without a release date: "gpt-6-sol-2026-09-01", "claude-opus-5@20260701"
//   3. variants   the longest listed prefix, where what follows is only dates, versions, "latest",
//                 "preview" and the like: "claude-haiku-4-5-latest", but not "claude-sonnet-5-5"
//                 for "claude-sonnet-5"
//   4. open       the longest listed prefix, whatever follows: fine-tuned models, "ft:gpt-4o-2024-"
//
// No regular expressions: the name is a client's bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace purser::pricing {

inline constexpr std::size_t kMaxModelNameBytes = 256;

std::string lower_case(std::string_view text);

class ModelNames {
 public:
  // False: the name or prefix is another model's already, empty, or too long.
  bool add_exact(std::string_view name, std::size_t model);
  bool add_dated(std::string_view prefix, std::size_t model);
  bool add_variants(std::string_view prefix, std::size_t model);
  bool add_open(std::string_view prefix, std::size_t model);

  std::optional<std::size_t> find(std::string_view name) const;
  std::optional<std::size_t> find_exact(std::string_view name) const;

 private:
  using Map = std::unordered_map<std::string, std::size_t>;
  static bool add(Map& map, std::string_view text, std::size_t model);

  Map exact_;
  Map dated_;
  Map variants_;
  Map open_;
};

}  // namespace purser::pricing
