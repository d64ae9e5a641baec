// Slows the guessing of passwords; the figures are in sign_in.h. In memory: a restart forgives.
// Each attempt counts as a failure when it begins, so that many at once are not let through, and a
// good one is taken back. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "purser/base/env.h"

namespace purser::identity {

class SignInFailures {
 public:
  explicit SignInFailures(Env& env) : env_(env) {}

  enum class Verdict { may_try, refused, refused_and_worth_a_record };
  // `user`: as it was typed, folded; it need not exist. A refusal is worth a record once in ten
  // minutes for each user, and once in ten seconds in all.
  Verdict begin(std::string_view user, std::string_view peer);
  void succeeded(std::string_view user, std::string_view peer);

  std::size_t remembered() const;

 private:
  // Until when the failures that it counts have been forgotten, one each `refill`.
  struct Debt {
    Duration until{};
    Duration record_after{};
  };
  static bool fits(const Debt& debt, Duration now, int most, Duration refill);
  static void add(Debt& debt, Duration now, Duration refill);
  static void take_back(Debt& debt, Duration refill);
  Debt& debt_of(const std::string& key, Duration now);
  Verdict refusal(const std::string& user, Duration now);

  Env& env_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Debt> debts_;
  std::unordered_set<std::string> known_places_;  // "user@network" that a sign-in came from
  Debt in_all_;
};

// IPv4 addresses as they are; of IPv6 the first 64 bits, which one person has to themselves.
std::string network_of(std::string_view peer);

}  // namespace purser::identity
