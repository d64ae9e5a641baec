// Errors as values, where a caller must choose. An error has one stable code (it stands in the log,
// the metric and the answer's body) and a sentence that says what happened, why, and what to do
// next.
//
//   Result<Nanos> limit = parse_usd(text);
//   if (!limit) return limit.error();
//   use(*limit);
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "purser/base/check.h"

namespace purser {

// Whose side the fault is on.
enum class Side { client, provider, us };

struct Error {
  std::string code;     // stable, snake_case: "no_price", "duplicate_key"
  std::string message;  // a sentence for a person
  Side side = Side::client;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return get(); }
  const T& value() const& { return const_cast<Result*>(this)->get(); }
  T&& value() && { return std::move(get()); }
  T& operator*() & { return get(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(get()); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    PURSER_ASSERT(!ok());
    return std::get<1>(state_);
  }

 private:
  T& get() {
    PURSER_ASSERT(ok());
    return std::get<0>(state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    PURSER_ASSERT(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace purser
