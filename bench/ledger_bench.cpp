// How many requests a second the ledger decides: `apply` alone, a reserve and its settle over three
// accounts each, drawn at random from 100,000, with 64 holds open at a time. A second is one of
// CPU time, so that the figure is that of one core however loaded the machine. Prints; asserts
// nothing.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "figures.h"
#include "purser/ledger/apply.h"

namespace purser::ledger {
namespace {

constexpr std::size_t kAccounts = 100'000;
constexpr std::size_t kAccountsEach = 3;
constexpr std::size_t kOpenHolds = 64;
constexpr std::size_t kRequestsBetweenLooks = 10'000;
constexpr std::uint64_t kSeed = 20'261'124;
constexpr Nanos kBound{20'000'000};
constexpr Nanos kCost{3'000'000};

// splitmix64
class Choices {
 public:
  std::size_t below(std::size_t end) {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::size_t>((z ^ (z >> 31)) % end);
  }

 private:
  std::uint64_t state_ = kSeed;
};

class Bench {
 public:
  Bench() {
    for (std::size_t i = 0; i < kAccounts; ++i) {
      Account account;
      account.cap.bytes[0] = 1;
      for (std::size_t byte = 0; byte < 4; ++byte)
        account.cap.bytes[15 - byte] = static_cast<std::uint8_t>(i >> (8 * byte));
      account.scope = {static_cast<ScopeKind>(i % kAccountsEach), account.cap};
      account.cycle_end = Instant{std::chrono::hours(24)};
      account.limit = kMaxAmount;
      accounts_.push_back(account);
    }
    holds_.resize(kOpenHolds);
  }

  void run(std::size_t requests) {
    for (std::size_t i = 0; i < requests; ++i) {
      Hold& hold = holds_[next_++ % kOpenHolds];
      if (hold.amount > Nanos{0}) settle(hold);
      reserve(hold);
    }
  }

 private:
  struct Hold {
    Nanos amount;
    std::size_t accounts[kAccountsEach];
  };

  void reserve(Hold& hold) {
    AccountSet set;
    Reserve command;
    for (std::size_t i = 0; i < kAccountsEach; ++i) {
      hold.accounts[i] = choose_.below(kAccounts / kAccountsEach) * kAccountsEach + i;
      const Account& account = accounts_[hold.accounts[i]];
      set.accounts.push_back(account);
      set.scopes.push_back({account.scope, false, 1});
      command.scopes.push_back(account.scope);
    }
    command.forms.push_back(kBound);
    command.smallest = kBound;
    const Outcome outcome = apply(set, now_, command);
    if (outcome.decision != Decision::granted) std::abort();
    hold.amount = outcome.amount;
    put_back(hold, set);
  }

  void settle(Hold& hold) {
    AccountSet set;
    for (const std::size_t account : hold.accounts) set.accounts.push_back(accounts_[account]);
    set.hold = hold.amount;
    static_cast<void>(apply(set, now_, Settle{{}, kCost}));
    put_back(hold, set);
  }

  void put_back(const Hold& hold, const AccountSet& set) {
    for (std::size_t i = 0; i < kAccountsEach; ++i) accounts_[hold.accounts[i]] = set.accounts[i];
  }

  std::vector<Account> accounts_;
  std::vector<Hold> holds_;
  Choices choose_;
  const Instant now_{std::chrono::hours(1)};
  std::size_t next_ = 0;
};

int run(bool json, int seconds) {
  Bench bench;
  bench.run(kRequestsBetweenLooks);
  std::size_t requests = 0;
  const double before = purser::bench::cpu_seconds();
  double cpu = 0;
  for (; cpu < seconds; cpu = purser::bench::cpu_seconds() - before) {
    bench.run(kRequestsBetweenLooks);
    requests += kRequestsBetweenLooks;
  }
  const double per_second = static_cast<double>(requests) / cpu;
  if (json)
    std::printf("{\"ledger_memory_ops_per_s\":%.0f}\n", per_second);
  else
    std::printf("%.0f requests (reserve + settle) a second of one core, %zu accounts each of %zu\n",
                per_second, kAccountsEach, kAccounts);
  return 0;
}

}  // namespace
}  // namespace purser::ledger

int main(int argc, char** argv) {
  purser::bench::Flags flags(argc, argv, "ledger_bench [--json] [--seconds N]");
  const bool json = flags.has("--json");
  const int seconds = flags.number("--seconds", 3);
  flags.end();
  return purser::ledger::run(json, seconds);
}
