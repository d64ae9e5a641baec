// The ledger that every run begins with: a workspace with two teams, five users and six keys. Made
// once, and copied to each run's disk.
#pragma once

#include <string>
#include <vector>

#include "purser/base/id.h"

namespace purser::sim {

struct BaseLedger {
  struct Member {
    std::string key;
    Id key_id, user, team;
  };
  std::string file;  // its bytes
  std::vector<Member> members;
  std::vector<Id> users, teams;
};
BaseLedger make_base_ledger();

}  // namespace purser::sim
