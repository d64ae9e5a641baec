#include "sign_in_failures.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "purser/identity/sign_in.h"

namespace purser::identity {
namespace {

// What is let through makes entries, and that is bounded; this holds whatever that is set to.
constexpr std::size_t kMaxRemembered = 10'000;
constexpr std::size_t kMaxKnownPlaces = 4'096;
constexpr Duration kRecordOfUserEach = std::chrono::minutes(10);
constexpr Duration kRecordEach = std::chrono::seconds(10);

}  // namespace

std::string network_of(std::string_view peer) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const std::string text(peer);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) return text;
  return std::string(bytes.begin(), bytes.begin() + 8);
}

bool SignInFailures::fits(const Debt& debt, Duration now, int most, Duration refill) {
  return std::max(debt.until, now) - now + refill <= most * refill;
}

void SignInFailures::add(Debt& debt, Duration now, Duration refill) {
  debt.until = std::max(debt.until, now) + refill;
}

void SignInFailures::take_back(Debt& debt, Duration refill) { debt.until -= refill; }

SignInFailures::Debt& SignInFailures::debt_of(const std::string& key, Duration now) {
  if (debts_.size() >= kMaxRemembered && !debts_.contains(key)) {
    std::erase_if(debts_, [&](const auto& one) {
      return one.second.until <= now && one.second.record_after <= now;
    });
    if (debts_.size() >= kMaxRemembered) debts_.erase(debts_.begin());
  }
  return debts_[key];
}

SignInFailures::Verdict SignInFailures::refusal(const std::string& user, Duration now) {
  if (in_all_.record_after > now) return Verdict::refused;
  Debt& of_user = debt_of(user, now);
  if (of_user.record_after > now) return Verdict::refused;
  of_user.record_after = now + kRecordOfUserEach;
  in_all_.record_after = now + kRecordEach;
  return Verdict::refused_and_worth_a_record;
}

SignInFailures::Verdict SignInFailures::begin(std::string_view user, std::string_view peer) {
  const std::string name(user);
  const std::string place = name + "\n" + network_of(peer);
  const Duration now = env_.boot_now();
  const std::scoped_lock lock(mutex_);
  const auto has_room = [&](const std::string& key, int most) {
    const auto found = debts_.find(key);
    return found == debts_.end() || fits(found->second, now, most, kFailureRefillOfUser);
  };
  const bool fits_elsewhere =
      known_places_.contains(place) ||
      (has_room(name, kFailuresOfUser) && fits(in_all_, now, kFailuresInAll, kFailureRefillInAll));
  if (!has_room(place, kFailuresOfUserHere) || !fits_elsewhere) return refusal(name, now);
  add(debt_of(place, now), now, kFailureRefillOfUser);
  add(debt_of(name, now), now, kFailureRefillOfUser);
  add(in_all_, now, kFailureRefillInAll);
  return Verdict::may_try;
}

void SignInFailures::succeeded(std::string_view user, std::string_view peer) {
  const std::string name(user);
  const std::string place = name + "\n" + network_of(peer);
  const std::scoped_lock lock(mutex_);
  debts_.erase(place);
  if (const auto found = debts_.find(name); found != debts_.end())
    take_back(found->second, kFailureRefillOfUser);
  take_back(in_all_, kFailureRefillInAll);
  if (known_places_.size() >= kMaxKnownPlaces) known_places_.erase(known_places_.begin());
  known_places_.insert(place);
}

std::size_t SignInFailures::remembered() const {
  const std::scoped_lock lock(mutex_);
  return debts_.size();
}

}  // namespace purser::identity
