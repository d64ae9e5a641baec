// The header's `backup`: SQLite's VACUUM INTO, from a reader's snapshot, into a private file.
#include <unistd.h>

#include "backup.h"
#include "purser/store/store.h"
#include "sqlite/connection.h"
#include "sqlite/directory.h"

namespace purser::store {

Result<void> back_up(const std::string& from, const std::string& to) {
  if (auto made = make_new_file(to); !made) return made;
  try {
    Connection connection(from, Connection::Mode::read);
    connection.run("VACUUM INTO ?1", {to});
  } catch (const SqlError& error) {
    unlink(to.c_str());
    return Error{"cannot_write", std::string("The backup was not made: ") + error.what() + ".",
                 Side::us};
  }
  return sync_file_and_directory(to);
}

Result<void> backup(const std::string& directory, const std::string& file) {
  const std::string ledger = ledger_file(directory);
  if (access(ledger.c_str(), R_OK) != 0)
    return Error{"no_ledger",
                 "There is no ledger that can be read at " + ledger +
                     ". Name the data directory with --data-dir or PURSER_DATA_DIR.",
                 Side::us};
  return back_up(ledger, file);
}

}  // namespace purser::store
