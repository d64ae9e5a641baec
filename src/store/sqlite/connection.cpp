#include "connection.h"

#include <sqlite3.h>

#include <algorithm>

#include "log_vfs.h"
#include "purser/base/check.h"

namespace purser::store {
namespace {

constexpr int kBusyTimeoutMillis = 5000;
constexpr int kStepsBetweenInterruptChecks = 4096;
// Callers' statements are texts in the source; a text made at run time must not fill the memory.
constexpr std::size_t kMaxCachedStatements = 512;
// Of a parameter's value that is kept, to see whether the next one is the same.
constexpr std::size_t kMostCopiedBytes = 64;

// Before SQLite starts: no count of its memory, which costs a lock at every allocation.
[[maybe_unused]] const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

[[noreturn]] void fail(sqlite3* database, const char* what) {
  throw SqliteError(std::string(what) + ": " + sqlite3_errmsg(database),
                    sqlite3_extended_errcode(database));
}

}  // namespace

bool SqliteError::is_io_error() const { return (code_ & 0xff) == SQLITE_IOERR; }

bool SqliteError::is_unique_violation() const {
  return code_ == SQLITE_CONSTRAINT_UNIQUE || code_ == SQLITE_CONSTRAINT_PRIMARYKEY;
}

Id Row::id(int column) const {
  Id id;
  const auto stored = bytes(column);
  if (stored.size() == id.bytes.size()) std::copy(stored.begin(), stored.end(), id.bytes.begin());
  return id;
}

Statement::Statement(sqlite3* database, std::string_view sql) {
  if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
    fail(database, "preparing a statement");
  PURSER_ASSERT(statement_ != nullptr);
  bound_.resize(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement::Use::Use(Statement& used, std::span<const Param> params) : statement(used) {
  PURSER_ASSERT(!statement.busy_);
  statement.bind(params);
  statement.busy_ = true;
}

Statement::Use::~Use() {
  sqlite3_reset(statement.statement_);
  statement.busy_ = false;
}

void Statement::bind(std::span<const Param> params) {
  PURSER_ASSERT(bound_.size() == params.size());
  int result = SQLITE_OK;
  for (std::size_t i = 0; i < params.size(); ++i)
    result |= bind(static_cast<int>(i) + 1, bound_[i], params[i].value());
  if (result != SQLITE_OK) fail(sqlite3_db_handle(statement_), "binding a parameter");
}

int Statement::bind(int index, Bound& bound, const Param::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (bound.kind == Bound::Kind::number && bound.number == *number) return SQLITE_OK;
    bound.kind = Bound::Kind::number;
    bound.number = *number;
    return sqlite3_bind_int64(statement_, index, *number);
  }
  if (const auto* text = std::get_if<std::string_view>(&value))
    return bind_copy(index, bound, Bound::Kind::text, *text);
  if (const auto* bytes = std::get_if<Param::Bytes>(&value))
    return bind_copy(index, bound, Bound::Kind::bytes,
                     {reinterpret_cast<const char*>(bytes->data), bytes->size});
  if (bound.kind == Bound::Kind::null) return SQLITE_OK;
  bound.kind = Bound::Kind::null;
  return sqlite3_bind_null(statement_, index);
}

// SQLite reads what is bound where it stands, in this run and, unless another value is bound, in
// later ones. So a short value is copied here; a long one stays the caller's and is bound each
// time.
int Statement::bind_copy(int index, Bound& bound, Bound::Kind kind, std::string_view value) {
  const char* data = value.data();
  if (value.size() > kMostCopiedBytes) {
    bound.kind = Bound::Kind::unknown;
  } else {
    if (bound.kind == kind && bound.copy == value) return SQLITE_OK;
    bound.copy.assign(value);
    bound.kind = kind;
    data = bound.copy.data();
  }
  const int size = static_cast<int>(value.size());
  if (kind == Bound::Kind::text)
    return sqlite3_bind_text(statement_, index, data, size, SQLITE_STATIC);
  return size == 0 ? sqlite3_bind_zeroblob(statement_, index, 0)
                   : sqlite3_bind_blob(statement_, index, data, size, SQLITE_STATIC);
}

bool Statement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) fail(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
  return false;
}

std::int64_t Statement::run(std::span<const Param> params) {
  const Use use(*this, params);
  while (step()) {
  }
  return sqlite3_changes64(sqlite3_db_handle(statement_));
}

bool Statement::StatementRow::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::StatementRow::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::StatementRow::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::span<const std::uint8_t> Statement::StatementRow::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Connection::Connection(const std::string& file, Mode mode) {
  const bool writes = mode == Mode::write;
  const int flags = writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (sqlite3_open_v2(file.c_str(), &database_, flags | SQLITE_OPEN_NOMUTEX,
                      writes ? log_vfs() : nullptr) != SQLITE_OK) {
    const SqliteError error("opening " + file + ": " + sqlite3_errmsg(database_),
                            sqlite3_extended_errcode(database_));
    sqlite3_close(database_);
    throw error;
  }
  sqlite3_extended_result_codes(database_, 1);
  sqlite3_busy_timeout(database_, kBusyTimeoutMillis);
}

Connection::~Connection() {
  statements_.clear();
  sqlite3_close_v2(database_);
}

Statement& Connection::cached(std::string_view sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return *known->second;
  if (statements_.size() >= kMaxCachedStatements)
    std::erase_if(statements_, [](const auto& entry) { return !entry.second->busy(); });
  return *statements_.emplace(std::string(sql), prepare(sql)).first->second;
}

std::int64_t Connection::run(std::string_view sql, std::initializer_list<Param> params) {
  return cached(sql).run(params);
}

void Connection::each(std::string_view sql, std::initializer_list<Param> params,
                      const std::function<void(const Row&)>& take) {
  each(sql, std::span(params.begin(), params.size()), take);
}

void Connection::each(std::string_view sql, std::span<const Param> params,
                      const std::function<void(const Row&)>& take) {
  Statement& statement = cached(sql);
  // A statement that is used again while its rows are read: a second one of the same text.
  if (statement.busy())
    prepare(sql)->each(params, take);
  else
    statement.each(params, take);
}

void Connection::execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database_, sql);
}

std::unique_ptr<Statement> Connection::prepare(std::string_view sql) {
  return std::make_unique<Statement>(database_, sql);
}

std::int64_t Connection::integer(std::string_view sql, std::initializer_list<Param> params) {
  std::int64_t value = 0;
  each(sql, params, [&](const Row& row) { value = row.integer(0); });
  return value;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

void Connection::set_interrupt(std::function<bool()> is_over) {
  is_over_ = std::move(is_over);
  if (!is_over_) {
    sqlite3_progress_handler(database_, 0, nullptr, nullptr);
    return;
  }
  sqlite3_progress_handler(
      database_, kStepsBetweenInterruptChecks,
      [](void* self) { return static_cast<Connection*>(self)->is_over_() ? 1 : 0; }, this);
}

}  // namespace purser::store
