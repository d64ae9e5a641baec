#include "figures.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

namespace purser::bench {

void Flags::refuse(std::string_view why) {
  std::fprintf(stderr, "%.*s\nusage: %.*s\n", static_cast<int>(why.size()), why.data(),
               static_cast<int>(usage_.size()), usage_.data());
  std::exit(2);
}

int Flags::find(std::string_view name) {
  for (int i = 1; i < argc_; ++i)
    if (argv_[i] != nullptr && argv_[i] == name) return i;
  return 0;
}

bool Flags::has(std::string_view name) {
  const int at = find(name);
  if (at == 0) return false;
  argv_[at] = nullptr;
  return true;
}

std::string Flags::text(std::string_view name, std::string_view otherwise) {
  const int at = find(name);
  if (at == 0) return std::string(otherwise);
  if (at + 1 >= argc_ || argv_[at + 1] == nullptr) refuse(std::string(name) + " needs a value");
  std::string value = argv_[at + 1];
  argv_[at] = argv_[at + 1] = nullptr;
  return value;
}

int Flags::number(std::string_view name, int otherwise) {
  const std::string value = text(name, std::to_string(otherwise));
  const int number = std::atoi(value.c_str());
  if (number < 1) refuse(std::string(name) + " needs a number of at least 1");
  return number;
}

void Flags::end() {
  for (int i = 1; i < argc_; ++i)
    if (argv_[i] != nullptr) refuse(std::string("unknown: ") + argv_[i]);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace purser::bench
