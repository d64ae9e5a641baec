#include "purser/store/read_ledger.h"

#include <filesystem>

#include "snapshot.h"
#include "sqlite/directory.h"
#include "sqlite/schema.h"

namespace purser::store {

Result<void> read_snapshot(const std::string& directory_or_file,
                           const std::function<void(Connection&)>& body) {
  const bool is_directory = std::filesystem::is_directory(directory_or_file);
  const std::string file = is_directory ? ledger_file(directory_or_file) : directory_or_file;
  try {
    Connection connection(file, Connection::Mode::read);
    if (auto known = check_schema(connection, file); !known) return known.error();
    connection.execute("BEGIN");
    body(connection);
    return {};
  } catch (const SqlError& error) {
    return Error{"damaged", file + " cannot be read as a ledger: " + error.what() + ".", Side::us};
  }
}

Result<void> read_ledger(const std::string& directory_or_file,
                         const std::function<void(Sql&)>& body) {
  return read_snapshot(directory_or_file, body);
}

}  // namespace purser::store
