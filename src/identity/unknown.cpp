#include "unknown.h"

#include <string>

namespace purser::identity {

Error unknown(store::Sql& sql, const Id& workspace, std::string_view what, std::string_view asked) {
  constexpr std::size_t kListed = 20;
  const std::string word(what);
  std::string listed;
  std::size_t count = 0;
  sql.each("SELECT name FROM " + word +
               "s WHERE workspace = ?1 AND ended IS NULL ORDER BY handle "
               "LIMIT 21",
           {workspace}, [&](const store::Row& row) {
             if (++count > kListed) return;
             if (!listed.empty()) listed += ", ";
             listed += row.text(0);
           });
  if (count > kListed) listed += ", and more";
  std::string message = "There is no " + word + " \"" + std::string(asked.substr(0, 100)) + "\". ";
  message += count == 0 ? "There are no " + word + "s yet; an admin can make one."
                        : "Those that exist: " + listed + ".";
  return Error{"unknown_" + word, message};
}

bool is_name_taken(store::Sql& sql, const Id& workspace, std::string_view table,
                   std::string_view handle, const Id& but) {
  bool taken = false;
  sql.each("SELECT id FROM " + std::string(table) +
               " WHERE workspace = ?1 AND handle = ?2 AND ended IS NULL",
           {workspace, handle}, [&](const store::Row& row) { taken = row.id(0) != but; });
  return taken;
}

Error name_taken(std::string_view what, std::string_view name) {
  return Error{"name_taken", "There is a " + std::string(what) + " named \"" + std::string(name) +
                                 "\" already (upper and lower case are the same): choose another "
                                 "name."};
}

}  // namespace purser::identity
