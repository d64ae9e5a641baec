// Plain SQL over one connection: what identity, reports and the API read and write with.
//
// A connection is used by one thread at a time. Statements are prepared once and kept. Whatever the
// engine reports as an error is thrown as SqlError: no caller can mend it, the batcher or the API
// turns it into "not durable" or a 500. Values: integers, text, bytes, null; ids are 16 bytes,
// nanos and instants (nanoseconds UTC) integers.
//
//   sql.each("SELECT name FROM teams WHERE workspace = ?1", {workspace}, [&](const Row& row) {
//     names.push_back(row.text(0));
//   });
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/base/money.h"

namespace purser::store {

class SqlError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A bound parameter. Text and bytes are not copied: they must outlive the call.
class Param {
 public:
  Param(std::nullptr_t) {}
  Param(std::int64_t value) : value_(value) {}
  Param(int value) : value_(static_cast<std::int64_t>(value)) {}
  Param(std::uint32_t value) : value_(static_cast<std::int64_t>(value)) {}
  Param(bool value) : value_(static_cast<std::int64_t>(value)) {}
  Param(Nanos value) : value_(value.count()) {}
  Param(Instant value) : value_(value.time_since_epoch().count()) {}
  Param(std::string_view text) : value_(text) {}
  Param(const std::string& text) : value_(std::string_view(text)) {}
  Param(const char* text) : value_(std::string_view(text)) {}
  Param(const Id& id) : value_(Bytes{id.bytes.data(), id.bytes.size()}) {}
  Param(std::span<const std::uint8_t> bytes) : value_(Bytes{bytes.data(), bytes.size()}) {}
  template <typename T>
  Param(const std::optional<T>& value) {
    if (value) *this = Param(*value);
  }

  struct Bytes {
    const std::uint8_t* data;
    std::size_t size;
  };
  using Value = std::variant<std::monostate, std::int64_t, std::string_view, Bytes>;
  const Value& value() const { return value_; }

 private:
  Value value_;
};

class Row {
 public:
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // valid until the next row
  virtual std::span<const std::uint8_t> bytes(int column) const = 0;
  Id id(int column) const;  // a null is the zero id
  Nanos nanos(int column) const { return Nanos{integer(column)}; }
  Instant instant(int column) const { return Instant{Duration{integer(column)}}; }
  bool boolean(int column) const { return integer(column) != 0; }

 protected:
  ~Row() = default;
};

class Sql {
 public:
  virtual ~Sql() = default;
  // Returns how many rows changed.
  virtual std::int64_t run(std::string_view sql, std::initializer_list<Param> params = {}) = 0;
  virtual void each(std::string_view sql, std::initializer_list<Param> params,
                    const std::function<void(const Row&)>& take) = 0;
  // For parameter lists made at run time.
  virtual void each(std::string_view sql, std::span<const Param> params,
                    const std::function<void(const Row&)>& take) = 0;
};

}  // namespace purser::store
