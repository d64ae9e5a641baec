#include "purser/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace purser {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "purser: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace purser
