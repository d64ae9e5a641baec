// Labels: registered kinds of task, such as "support-automation". Every change is audited. After a
// change, KeyRing::reload_directory().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"
#include "purser/store/sql.h"

namespace purser::identity {

struct Label {
  Id id;
  std::string name;
  Instant created;
};

// Errors: bad_label, name_taken.
Result<Id> create_label(store::Change& change, std::string_view name, const ChangedBy& by);
// Errors: unknown_label, bad_label, name_taken.
Result<void> rename_label(store::Change& change, const Id& label, std::string_view name,
                          const ChangedBy& by);
// Keys lose it as default, and its caps end. Error: unknown_label.
Result<void> end_label(store::Change& change, const Id& label, const ChangedBy& by);

// Error: unknown_label, which lists those that exist.
Result<Label> find_label(store::Sql& sql, const Id& workspace, std::string_view id_or_name);
Result<Label> load_label(store::Sql& sql, const Id& workspace, const Id& id);
std::vector<Label> list_labels(store::Sql& sql, const Id& workspace);  // by name

}  // namespace purser::identity
