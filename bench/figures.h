// What the benches share: their flags, and the time they used.
#pragma once

#include <string>
#include <string_view>

namespace purser::bench {

// Takes flags off the command line. A flag that nobody asked for ends the program with `usage`.
class Flags {
 public:
  Flags(int argc, char** argv, std::string_view usage) : argc_(argc), argv_(argv), usage_(usage) {}
  bool has(std::string_view name);
  std::string text(std::string_view name, std::string_view otherwise);
  int number(std::string_view name, int otherwise);  // at least 1
  void end();                                        // after the last one

 private:
  [[noreturn]] void refuse(std::string_view why);
  int find(std::string_view name);
  int argc_;
  char** argv_;
  std::string_view usage_;
};

// User and system time of this process so far.
double cpu_seconds();

}  // namespace purser::bench
