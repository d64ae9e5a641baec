#include "embedded_prices.h"

// The assembler takes the file in as it is; PURSER_PRICES_FILE comes from CMake, which also makes
// this unit depend on it.
__asm__(
    ".section .rodata\n"
    ".global purser_prices_begin\n"
    ".global purser_prices_end\n"
    "purser_prices_begin:\n"
    ".incbin \"" PURSER_PRICES_FILE
    "\"\n"
    "purser_prices_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char purser_prices_begin[];
extern const char purser_prices_end[];
}

namespace purser::main {

std::string_view embedded_prices() {
  return {purser_prices_begin, static_cast<std::size_t>(purser_prices_end - purser_prices_begin)};
}

}  // namespace purser::main
