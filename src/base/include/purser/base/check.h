// Assertions that stay on in release. For what only our own bug can break: never put one where
// bytes from a client or a provider can reach it. A failed one prints the condition and aborts;
// recovery from the store is fast, so a stop is cheaper than a wrong balance.
//
//   PURSER_ASSERT(account.held >= hold.amount);
#pragma once

namespace purser {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}

#define PURSER_ASSERT(condition)                                  \
  do {                                                            \
    if (!(condition)) [[unlikely]]                                \
      ::purser::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)
