// The sandbox's answers to POST /v1/embeddings: unit vectors that depend on the request alone.
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "purser/base/text.h"
#include "sandbox_reply.h"
#include "sandbox_text.h"

namespace purser::providers {
namespace {

std::vector<float> unit_vector(std::uint64_t seed, std::int64_t dimensions) {
  std::vector<float> numbers(static_cast<std::size_t>(dimensions));
  double squares = 0;
  for (float& number : numbers) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    number = static_cast<float>(static_cast<double>(seed >> 40) / 8388608.0 - 1.0);
    squares += static_cast<double>(number) * static_cast<double>(number);
  }
  const double length = squares > 0 ? std::sqrt(squares) : 1;
  for (float& number : numbers) number = static_cast<float>(static_cast<double>(number) / length);
  return numbers;
}

std::string as_list(const std::vector<float>& numbers) {
  std::string text = "[";
  char number[32];
  for (const float value : numbers) {
    if (text.size() > 1) text += ',';
    std::snprintf(number, sizeof number, "%.9g", static_cast<double>(value));
    text += number;
  }
  return text + "]";
}

// 32-bit floats, least byte first, as the SDKs ask for them.
std::string as_base64(const std::vector<float>& numbers) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  for (const float value : numbers) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(bits >> shift));
  }
  std::string text = "\"";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i) {
      three = three << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text.push_back(i <= count ? kLetters[three >> (18 - 6 * i) & 63] : '=');
    }
  }
  return text + "\"";
}

}  // namespace

SandboxPlan write_sandbox_embeddings(const SandboxReply& reply) {
  const SandboxRequest& request = reply.request;
  std::string body = "{\"object\":\"list\",\"data\":[";
  for (std::size_t i = 0; i < request.embedding_input_tokens.size(); ++i) {
    const std::vector<float> numbers = unit_vector(reply.seed + i, request.dimensions);
    if (i > 0) body += ',';
    body += "{\"object\":\"embedding\",\"index\":" + std::to_string(i) +
            ",\"embedding\":" + (request.base64 ? as_base64(numbers) : as_list(numbers)) + "}";
  }
  const std::string tokens = std::to_string(request.input_tokens);
  SandboxPlan plan;
  plan.usage = reply.usage;
  plan.body = std::move(body) + "],\"model\":" + quote_json(request.model) +
              ",\"usage\":{\"prompt_tokens\":" + tokens + ",\"total_tokens\":" + tokens + "}}";
  return plan;
}

}  // namespace purser::providers
