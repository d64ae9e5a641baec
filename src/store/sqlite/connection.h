// One SQLite connection, as the Sql interface and, for the writer's hot path, as prepared
// statements. Used by one thread at a time.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "purser/store/sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace purser::store {

// An engine's error with SQLite's extended result code.
class SqliteError : public SqlError {
 public:
  SqliteError(const std::string& message, int code) : SqlError(message), code_(code) {}
  int code() const { return code_; }
  bool is_io_error() const;
  bool is_unique_violation() const;

 private:
  int code_;
};

class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Runs to the end; returns how many rows changed.
  std::int64_t run(std::span<const Param> params);
  std::int64_t run(std::initializer_list<Param> params) {
    return run(std::span(params.begin(), params.size()));
  }
  // Calls take(const Row&) for each row. `take` may use other statements of the connection.
  template <typename Take>
  void each(std::span<const Param> params, Take&& take) {
    const Use use(*this, params);
    const StatementRow row(statement_);
    while (step()) take(static_cast<const Row&>(row));
  }
  template <typename Take>
  void each(std::initializer_list<Param> params, Take&& take) {
    each(std::span(params.begin(), params.size()), std::forward<Take>(take));
  }
  bool busy() const { return busy_; }

 private:
  class StatementRow final : public Row {
   public:
    explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}
    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    std::string_view text(int column) const override;
    std::span<const std::uint8_t> bytes(int column) const override;

   private:
    sqlite3_stmt* statement_;
  };
  // Binds, and resets at the end of its scope, whatever happens.
  struct Use {
    Use(Statement& statement, std::span<const Param> params);
    ~Use();
    Statement& statement;
  };

  // What the last run has bound to a parameter, so that the same is not bound again.
  struct Bound {
    enum class Kind { unknown, null, number, text, bytes };
    Kind kind = Kind::null;
    std::int64_t number = 0;
    std::string copy;  // of a text or bytes
  };

  void bind(std::span<const Param> params);
  int bind(int index, Bound& bound, const Param::Value& value);
  int bind_copy(int index, Bound& bound, Bound::Kind kind, std::string_view value);
  bool step();

  sqlite3_stmt* statement_ = nullptr;
  std::vector<Bound> bound_;
  bool busy_ = false;
};

class Connection final : public Sql {
 public:
  enum class Mode { write, read };
  Connection(const std::string& file, Mode mode);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  using Sql::each;
  std::int64_t run(std::string_view sql, std::initializer_list<Param> params = {}) override;
  void each(std::string_view sql, std::initializer_list<Param> params,
            const std::function<void(const Row&)>& take) override;
  void each(std::string_view sql, std::span<const Param> params,
            const std::function<void(const Row&)>& take) override;

  // Several statements, without parameters.
  void execute(const char* sql);
  std::unique_ptr<Statement> prepare(std::string_view sql);
  std::int64_t integer(std::string_view sql, std::initializer_list<Param> params = {});
  bool in_transaction() const;
  // Called every few thousand steps of the engine; true interrupts the statement.
  void set_interrupt(std::function<bool()> is_over);

 private:
  Statement& cached(std::string_view sql);

  sqlite3* database_ = nullptr;
  std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements_;
  std::function<bool()> is_over_;
};

}  // namespace purser::store
