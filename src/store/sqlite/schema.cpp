#include "schema.h"

#include <array>
#include <string>

#include "schema_alerts.h"
#include "schema_balances.h"
#include "schema_holds.h"
#include "schema_identity.h"
#include "schema_ledger.h"
#include "schema_raises.h"
#include "schema_tasks.h"
#include "statistics.h"

namespace purser::store {
namespace {

const char* const kFirstSteps[] = {kLedgerSchema, kIdentitySchema};
const char* const kSecondSteps[] = {kUnconfirmedIndex};
const char* const kThirdSteps[] = {kNumberedRows};
const char* const kFourthSteps[] = {kAlertsSchema};
const char* const kFifthSteps[] = {kTasksSchema};
const char* const kSixthSteps[] = {kRaisesSchema};
const char* const kSeventhSteps[] = {kBalancesSchema};
const char* const kEighthSteps[] = {kHoldsSchema};
const std::array<Migration, 8> kMigrations = {{{1, kFirstSteps, std::size(kFirstSteps)},
                                               {2, kSecondSteps, std::size(kSecondSteps)},
                                               {3, kThirdSteps, std::size(kThirdSteps)},
                                               {4, kFourthSteps, std::size(kFourthSteps)},
                                               {5, kFifthSteps, std::size(kFifthSteps)},
                                               {6, kSixthSteps, std::size(kSixthSteps)},
                                               {7, kSeventhSteps, std::size(kSeventhSteps)},
                                               {8, kEighthSteps, std::size(kEighthSteps)}}};

void take(Connection& connection, const Migration& migration) {
  connection.execute("PRAGMA temp_store = FILE");  // what is sorted may be most of the file
  connection.execute("BEGIN IMMEDIATE");
  for (const char* step : std::span(migration.steps, migration.step_count))
    connection.execute(step);
  connection.execute(("PRAGMA user_version = " + std::to_string(migration.number)).c_str());
  connection.execute("COMMIT");
  connection.execute("PRAGMA temp_store = MEMORY");
}

Error not_upgraded(Connection& connection, const std::string& file, const std::string& why) {
  try {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
  } catch (const SqlError&) {
    // The next start rolls it back.
  }
  return {"not_upgraded",
          file + " could not be made ready for this version (" + why +
              "). What it held is as it was. Mend that (an upgrade needs up to twice the file's "
              "room on the disk), then start again.",
          Side::us};
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

int newest_schema() { return kMigrations.back().number; }

Result<void> check_schema(Connection& connection, const std::string& file) {
  const auto version = connection.integer("PRAGMA user_version");
  if (version <= newest_schema()) return {};
  return Error{"newer_file",
               file + " was written by a newer Purser (schema " + std::to_string(version) +
                   ", this one knows " + std::to_string(newest_schema()) +
                   "). Start that version, or restore a backup made by this one.",
               Side::us};
}

Result<void> migrate(Connection& connection, const std::string& file) {
  if (auto checked = check_schema(connection, file); !checked) return checked;
  bool is_pinned =
      connection.integer("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'") > 0;
  try {
    for (const Migration& migration : kMigrations) {
      if (connection.integer("PRAGMA user_version") >= migration.number) continue;
      take(connection, migration);
      is_pinned = false;
    }
    if (is_pinned) return {};
    connection.execute("BEGIN IMMEDIATE");
    pin_statistics(connection);
    connection.execute("COMMIT");
    return {};
  } catch (const SqlError& error) {
    return not_upgraded(connection, file, error.what());
  }
}

}  // namespace purser::store
