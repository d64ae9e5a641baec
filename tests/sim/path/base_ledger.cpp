#include "path/base_ledger.h"

#include <fmt/format.h>

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "path/process.h"
#include "purser/identity/keys.h"
#include "purser/identity/memberships.h"
#include "purser/identity/teams.h"
#include "purser/identity/users.h"

namespace purser::sim {
namespace {

const identity::ChangedBy kBy{{Id{}, "purser-sim"}, "the run begins"};

template <typename T>
T got(Result<T> result) {
  if (!result) throw std::runtime_error("the base ledger: " + result.error().message);
  return *result;
}

void build(store::Change& change, const identity::KeyRing& ring, Env& env, BaseLedger& base) {
  for (const char* name : {"engineering", "marketing"})
    base.teams.push_back(got(identity::create_team(change, name, kBy)));
  for (int i = 0; i < 5; ++i) {
    identity::NewUser user;
    user.name = fmt::format("User {}", i);
    user.email = fmt::format("user{}@example.com", i);
    user.caps = {{Period::month, ledger::Enforcement::hard, Nanos{kNanosPerUsd}}};
    base.users.push_back(got(identity::create_user(change, user, kBy)));
  }
  // The first user is in both teams.
  for (std::size_t i = 0; i < 6; ++i) {
    BaseLedger::Member member;
    member.user = base.users[i % 5];
    member.team = base.teams[i < 5 ? i % 2 : 1];
    got(identity::create_membership(change, member.user, member.team, false, kBy));
    identity::NewKey key;
    key.user = member.user;
    key.team = member.team;
    const identity::MadeKey made = got(identity::create_key(change, ring, env, key, kBy));
    member.key = made.text;
    member.key_id = made.id;
    base.members.push_back(member);
  }
}

}  // namespace

BaseLedger make_base_ledger() {
  MemoryDisk disk;
  SimClock clock(1);
  const std::string directory =
      (std::filesystem::temp_directory_path() / fmt::format("purser_sim_{}", ::getpid())).string();
  BaseLedger base;
  {
    store::StoreOptions options;
    options.directory = directory;
    options.writer_thread = false;
    const std::unique_ptr<store::Store> store = [&] {
      auto opened = store::Store::open(options, clock.env);
      if (!opened) throw std::runtime_error(opened.error().message);
      return std::move(*opened);
    }();
    const identity::KeyRing ring(*store, clock.env, ring_secret());
    const auto made = store->change([&](store::Change& change) -> Result<void> {
      build(change, ring, clock.env, base);
      return {};
    });
    if (!made) throw std::runtime_error(made.error().message);
  }
  base.file = disk.contents(directory + "/ledger.db");
  std::filesystem::remove_all(directory);
  return base;
}

}  // namespace purser::sim
