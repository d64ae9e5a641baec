// How large an image is, read from the first bytes of the file as it stands in base64.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace purser::providers {

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool operator==(const ImageSize&) const = default;
};

// PNG, JPEG, GIF and WebP. Empty: another format, a broken header, or sizes that no such file has.
// Looks at most at the first 256 KiB (a JPEG may carry a long preview before its size).
std::optional<ImageSize> image_size(std::string_view base64);

// Tokens of one image in Anthropic's and OpenAI's models at most; without a size, of the largest
// that they accept. Figures and sources: docs/METERING.md.
std::int64_t anthropic_image_tokens(std::optional<ImageSize> size);
std::int64_t openai_image_tokens(std::string_view model, std::string_view detail,
                                 std::optional<ImageSize> size);

}  // namespace purser::providers
