// The log, on standard error: lines of text or of JSON. Never a prompt, a key or an answer.
// Thread-safe.
//
//   info   start, stop, reload; refusals, and answers that did not end well
//   debug  every request
#pragma once

#include <string>

#include "config.h"
#include "purser/gateway/gateway.h"

namespace purser::main {

class Log {
 public:
  explicit Log(const LogConfig& config);
  void set_level(LogLevel level) const;
  void info(const std::string& text) const;
  void error(const std::string& text) const;
  void request(const gateway::ExchangeRecord& record) const;

 private:
  bool json_;
};

}  // namespace purser::main
