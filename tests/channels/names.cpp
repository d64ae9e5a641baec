// Preloaded by tests/suites/channels, in the place of a name server that an attacker runs:
// hang.test is never answered, and every look-up of rebind.test takes the next of the answers in
// $PURSER_TEST_ANSWERS ("93.184.215.14; 127.0.0.1": first the one, from then on the other; "a,b"
// are two addresses in one answer). What was looked up is counted in the file $PURSER_TEST_LOOKUPS.
#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string piece; std::getline(stream, piece, separator);) out.push_back(piece);
  return out;
}

std::string next_answer() {
  static std::size_t asked = 0;
  const char* answers = std::getenv("PURSER_TEST_ANSWERS");
  const std::vector<std::string> all = split(answers ? answers : "", ';');
  if (all.empty()) return {};
  const std::string answer = all[asked < all.size() ? asked : all.size() - 1];
  ++asked;
  return answer;
}

void count_lookup(const char* node) {
  const char* file = std::getenv("PURSER_TEST_LOOKUPS");
  if (FILE* stream = file ? std::fopen(file, "a") : nullptr) {
    std::fprintf(stream, "%s\n", node);
    std::fclose(stream);
  }
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  static const auto real = reinterpret_cast<Lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node != nullptr && std::string(node) == "hang.test") {
    for (;;) pause();
  }
  if (node == nullptr || std::string(node) != "rebind.test") {
    return real(node, service, hints, result);
  }
  count_lookup(node);
  *result = nullptr;
  addrinfo* last = nullptr;
  for (const std::string& address : split(next_answer(), ',')) {
    addrinfo* found = nullptr;
    if (const int failed = real(address.c_str(), service, hints, &found)) return failed;
    (last != nullptr ? last->ai_next : *result) = found;
    for (last = found; last->ai_next != nullptr;) last = last->ai_next;
  }
  return *result != nullptr ? 0 : EAI_NONAME;
}
