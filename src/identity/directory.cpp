#include "directory.h"

#include "purser/identity/labels.h"
#include "purser/identity/names.h"
#include "purser/identity/projects.h"
#include "purser/store/settings.h"

namespace purser::identity {

const Directory::Project* Directory::find_project(std::string_view name) const {
  const auto id = parse_id(kProjectPrefix, name);
  for (const auto& project :
       projects) {  // as most clients write it: no folding on the request's way
    if (id ? project.id == *id : project.name == name) return &project;
  }
  const std::string handle = folded(name);
  for (const auto& project : projects) {
    if (folded(project.name) == handle) return &project;
  }
  return nullptr;
}

const Directory::Label* Directory::find_label(std::string_view name) const {
  const auto id = parse_id(kLabelPrefix, name);
  for (const auto& label : labels) {  // as most clients write it: no folding on the request's way
    if (id ? label.id == *id : label.name == name) return &label;
  }
  const std::string handle = folded(name);
  for (const auto& label : labels) {
    if (folded(label.name) == handle) return &label;
  }
  return nullptr;
}

Directory read_directory(store::Store& store) {
  Directory directory;
  const Id& workspace = store.workspace();
  store.read([&](store::Sql& sql) {
    for (auto& project : list_projects(sql, workspace))
      directory.projects.push_back({project.id, project.name, project.teams});
    for (auto& label : list_labels(sql, workspace))
      directory.labels.push_back({label.id, label.name});
    sql.each("SELECT name FROM workspaces WHERE id = ?1", {workspace},
             [&](const store::Row& row) { directory.workspace_name = row.text(0); });
    directory.allow_uncapped = store::is_setting_on(sql, workspace, "allow_uncapped");
    directory.rules = read_request_rules(sql, workspace);
    // The setting, else the admin who has been one for longest.
    directory.admin_contact = store::read_setting(sql, workspace, "admin_contact");
    if (!directory.admin_contact.empty()) return;
    sql.each(
        "SELECT name, email FROM users WHERE workspace = ?1 AND role = ?2 AND kind = 0 AND "
        "deactivated IS NULL ORDER BY id LIMIT 1",
        {workspace, static_cast<int>(Role::admin)}, [&](const store::Row& row) {
          directory.admin_contact =
              std::string(row.text(0)) + " <" + std::string(row.text(1)) + ">";
        });
  });
  return directory;
}

}  // namespace purser::identity
