#include "image_size.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace purser::providers {
namespace {

constexpr std::size_t kMostHeaderBytes = 256 * 1024;
constexpr std::int64_t kMostSide = 100'000;

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// The leading bytes that `base64` means; stops at whatever is no base64.
std::string decode(std::string_view base64, std::size_t most) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : base64) {
    const int value = base64_value(c);
    if (value < 0 || out.size() >= most) break;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return out;
}

class Bytes {
 public:
  explicit Bytes(std::string_view text) : text_(text) {}
  std::size_t size() const { return text_.size(); }
  bool has(std::size_t at, std::size_t count) const { return at + count <= text_.size(); }
  std::int64_t at(std::size_t i) const { return static_cast<unsigned char>(text_[i]); }
  std::int64_t big(std::size_t i, int count) const {
    std::int64_t value = 0;
    for (int k = 0; k < count; ++k) value = value << 8 | at(i + static_cast<std::size_t>(k));
    return value;
  }
  std::int64_t little(std::size_t i, int count) const {
    std::int64_t value = 0;
    for (int k = count - 1; k >= 0; --k) value = value << 8 | at(i + static_cast<std::size_t>(k));
    return value;
  }
  bool starts(std::size_t i, std::string_view with) const {
    return text_.substr(std::min(i, text_.size()), with.size()) == with;
  }

 private:
  std::string_view text_;
};

std::optional<ImageSize> png_size(const Bytes& bytes) {
  if (!bytes.has(0, 24) || !bytes.starts(12, "IHDR")) return std::nullopt;
  return ImageSize{bytes.big(16, 4), bytes.big(20, 4)};
}

std::optional<ImageSize> gif_size(const Bytes& bytes) {
  if (!bytes.has(0, 10)) return std::nullopt;
  return ImageSize{bytes.little(6, 2), bytes.little(8, 2)};
}

std::optional<ImageSize> webp_size(const Bytes& bytes) {
  if (!bytes.has(0, 30)) return std::nullopt;
  if (bytes.starts(12, "VP8 "))
    return ImageSize{bytes.little(26, 2) & 0x3FFF, bytes.little(28, 2) & 0x3FFF};
  if (bytes.starts(12, "VP8L")) {
    const std::int64_t bits = bytes.little(21, 4);
    return ImageSize{(bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1};
  }
  if (bytes.starts(12, "VP8X")) return ImageSize{bytes.little(24, 3) + 1, bytes.little(27, 3) + 1};
  return std::nullopt;
}

// The first frame header (SOF) of the segments.
std::optional<ImageSize> jpeg_size(const Bytes& bytes) {
  std::size_t at = 2;
  while (bytes.has(at, 4)) {
    if (bytes.at(at) != 0xFF) return std::nullopt;
    const std::int64_t marker = bytes.at(at + 1);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const bool frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      if (!bytes.has(at, 9)) return std::nullopt;
      return ImageSize{bytes.big(at + 7, 2), bytes.big(at + 5, 2)};
    }
    if (marker == 0xD9 || marker == 0xDA || (marker >= 0xD0 && marker <= 0xD8)) return std::nullopt;
    const std::int64_t length = bytes.big(at + 2, 2);
    if (length < 2) return std::nullopt;
    at += 2 + static_cast<std::size_t>(length);
  }
  return std::nullopt;
}

std::optional<ImageSize> size_of_file(const Bytes& bytes) {
  if (bytes.starts(0, "\x89PNG\r\n\x1a\n")) return png_size(bytes);
  if (bytes.starts(0, "GIF87a") || bytes.starts(0, "GIF89a")) return gif_size(bytes);
  if (bytes.starts(0, "RIFF") && bytes.starts(8, "WEBP")) return webp_size(bytes);
  if (bytes.starts(0, "\xFF\xD8")) return jpeg_size(bytes);
  return std::nullopt;
}

std::int64_t cells(std::int64_t length, std::int64_t side) { return (length + side - 1) / side; }

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Tiles of 512 pixels after scaling into 2,048 × 2,048 and then to a shortest side of 768: at most
// two rows of four.
std::int64_t tiles(std::optional<ImageSize> size) {
  constexpr std::int64_t kMostTiles = 8;
  if (!size) return kMostTiles;
  const std::int64_t across = std::min<std::int64_t>(cells(size->width, 512), 4);
  const std::int64_t down = std::min<std::int64_t>(cells(size->height, 512), 4);
  return std::min(across * down, kMostTiles);
}

}  // namespace

std::optional<ImageSize> image_size(std::string_view base64) {
  std::string head = decode(base64, 64);
  if (head.size() >= 2 && head[0] == '\xFF' && head[1] == '\xD8')
    head = decode(base64, kMostHeaderBytes);
  const std::optional<ImageSize> size = size_of_file(Bytes(head));
  if (!size || size->width < 1 || size->height < 1) return std::nullopt;
  if (size->width > kMostSide || size->height > kMostSide) return std::nullopt;
  return size;
}

std::int64_t anthropic_image_tokens(std::optional<ImageSize> size) {
  constexpr std::int64_t kMost = 4'784;
  if (!size) return kMost;
  const std::int64_t patches = cells(size->width, 28) * cells(size->height, 28);
  const std::int64_t by_area = cells(size->width * size->height, 750);
  return std::min(std::max(patches, by_area), kMost);
}

std::int64_t openai_image_tokens(std::string_view model, std::string_view detail,
                                 std::optional<ImageSize> size) {
  const bool low = detail == "low";
  if (contains(model, "4o-mini")) return 2'833 + (low ? 0 : 5'667 * tiles(size));
  const std::int64_t by_tiles = 85 + (low ? 0 : 170 * tiles(size));
  // 512 × 512 pixels are 256 patches; an image of more than 30,000 is rejected.
  const std::int64_t most = low ? 256 : 30'000;
  const std::int64_t patches =
      size ? std::min(cells(size->width, 32) * cells(size->height, 32), most) : most;
  // Tokens a patch, in hundredths: the dearest are of models that scale an image down to few.
  const std::int64_t by_patches = std::max(
      cells(patches * 172, 100), cells(std::min<std::int64_t>(patches, 10'000) * 246, 100));
  return std::max(by_tiles, by_patches);
}

}  // namespace purser::providers
