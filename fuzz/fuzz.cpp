// The entry: PURSER_FUZZ_TARGET names which target's bytes these are.
#include <cstdint>
#include <string>

#include "targets.h"

namespace purser::fuzz {

namespace {
#define PURSER_TARGET(name) \
  { #name, name }
constexpr Target kTargets[] = {
    PURSER_TARGET(request_head),
    PURSER_TARGET(answer_head),
    PURSER_TARGET(chunked_body),
    PURSER_TARGET(request_chat),
    PURSER_TARGET(request_responses),
    PURSER_TARGET(request_embeddings),
    PURSER_TARGET(request_messages),
    PURSER_TARGET(answer_chat),
    PURSER_TARGET(answer_responses),
    PURSER_TARGET(answer_embeddings),
    PURSER_TARGET(answer_messages),
    PURSER_TARGET(stream_chat),
    PURSER_TARGET(stream_responses),
    PURSER_TARGET(stream_messages),
    PURSER_TARGET(config),
    PURSER_TARGET(price_book),
    PURSER_TARGET(csv),
    PURSER_TARGET(page_form),
    PURSER_TARGET(audit_lines),
    PURSER_TARGET(ledger_commands),
};
#undef PURSER_TARGET
}  // namespace

const Target* find_target(std::string_view name) {
  for (const Target& target : kTargets) {
    if (name == target.name) return &target;
  }
  return nullptr;
}

}  // namespace purser::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const purser::fuzz::Target* const target = [] {
    const char* name = std::getenv("PURSER_FUZZ_TARGET");
    const purser::fuzz::Target* found = purser::fuzz::find_target(name != nullptr ? name : "");
    if (found == nullptr) {
      std::fprintf(stderr, "PURSER_FUZZ_TARGET names no target\n");
      std::exit(2);
    }
    return found;
  }();
  target->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
