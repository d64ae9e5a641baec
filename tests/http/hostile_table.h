// Reads tests/hostile/*.table: what a row stands for and how its bytes are written is told in
// tests/hostile/README.md. The Python reader beside the tables reads them in the same way.
#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace purser::http::testing {

using Macros = std::map<std::string, std::string, std::less<>>;  // name → how it is written

struct HostileRow {
  std::string name;
  std::vector<std::string> columns;  // between the name and the bytes
  std::string bytes;
  // What the sender does behind the bytes: "stop", "wait", "end", "reset", "silence", or nothing.
  std::string then;
};

// How a failing test names it.
void PrintTo(const HostileRow& row, std::ostream* out);

// Throws where a row is malformed. `file` is relative to the repository.
std::vector<HostileRow> read_hostile_table(const std::string& file);
std::vector<HostileRow> read_hostile_requests();
std::vector<HostileRow> read_hostile_answers();

// A good request, which stands behind those that do not stop or wait.
std::string next_request(std::string_view name);

}  // namespace purser::http::testing
