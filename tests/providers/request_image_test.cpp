// Images of known size are made here, header by header; the figures are the providers' documented
// ones (docs/METERING.md).
#include <sodium.h>

#include "image_size.h"
#include "request_test_support.h"

namespace purser::providers {
namespace {

std::string base64(const std::string& bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();
  return out;
}

void put(std::string& out, std::initializer_list<int> bytes) {
  for (const int byte : bytes) out.push_back(static_cast<char>(byte));
}

std::string png(int width, int height) {
  std::string out = "\x89PNG\r\n\x1a\n";
  put(out, {0, 0, 0, 13});
  out += "IHDR";
  for (const int side : {width, height})
    put(out, {side >> 24, side >> 16 & 255, side >> 8 & 255, side & 255});
  put(out, {8, 2, 0, 0, 0});
  return out;
}

std::string gif(int width, int height) {
  std::string out = "GIF89a";
  put(out, {width & 255, width >> 8, height & 255, height >> 8, 0, 0, 0});
  return out;
}

// An application segment of `skipped` bytes comes before the size, as a camera's preview does.
std::string jpeg(int width, int height, int skipped) {
  std::string out;
  put(out, {0xFF, 0xD8, 0xFF, 0xE1, (skipped + 2) >> 8, (skipped + 2) & 255});
  out += std::string(static_cast<std::size_t>(skipped), '\xFF');
  put(out, {0xFF, 0xFF, 0xC2, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3});
  return out;
}

std::string webp(const std::string& kind, std::initializer_list<int> payload) {
  std::string out = "RIFF";
  put(out, {0, 0, 0, 0});
  out += "WEBP" + kind;
  put(out, {0, 0, 0, 0});
  put(out, payload);
  return out + std::string(16, '\0');
}

TEST(ImageSize, ReadsEveryKind) {
  EXPECT_EQ(image_size(base64(png(640, 480))), (ImageSize{640, 480}));
  EXPECT_EQ(image_size(base64(gif(300, 7))), (ImageSize{300, 7}));
  EXPECT_EQ(image_size(base64(jpeg(4000, 3000, 20))), (ImageSize{4000, 3000}));
  EXPECT_EQ(image_size(base64(jpeg(4000, 3000, 60'000))), (ImageSize{4000, 3000}));
  // Lossy: 14 bits each, the two above are a scale.
  EXPECT_EQ(image_size(base64(webp("VP8 ", {0, 0, 0, 0x9D, 0x01, 0x2A, 0x90, 0x41, 0x2C, 0x01}))),
            (ImageSize{400, 300}));
  EXPECT_EQ(image_size(base64(webp("VP8L", {0x2F, 0x8F, 0xC1, 0x4A, 0x00}))),
            (ImageSize{400, 300}));
  EXPECT_EQ(image_size(base64(webp("VP8X", {0, 0, 0, 0, 0x8F, 1, 0, 0x2B, 1, 0}))),
            (ImageSize{400, 300}));
}

TEST(ImageSize, IsEmptyWhereItCannotTell) {
  EXPECT_FALSE(image_size(""));
  EXPECT_FALSE(image_size("AAAA"));
  EXPECT_FALSE(image_size("!!!!"));
  EXPECT_FALSE(image_size(base64(png(0, 480))));
  EXPECT_FALSE(image_size(base64(png(-1, 480))));
  EXPECT_FALSE(image_size(base64(png(1 << 20, 1))));
  EXPECT_FALSE(image_size(base64("BM" + std::string(60, '\1'))));
  EXPECT_FALSE(image_size(base64(std::string("\xFF\xD8\xFF\xDA", 4) + std::string(20, '\1'))));
  EXPECT_FALSE(image_size(base64(std::string("\xFF\xD8\xFF\xE0\0\0", 6) + std::string(20, '\1'))));
  for (const std::string& file : {png(640, 480), gif(300, 7), jpeg(400, 300, 20),
                                  webp("VP8X", {0, 0, 0, 0, 0x8F, 1, 0, 0x2B, 1, 0})}) {
    for (std::size_t size = 0; size < file.size(); ++size)
      image_size(base64(file.substr(0, size)));  // reads nothing out of range
  }
}

TEST(ImageTokens, OfAnthropic) {
  EXPECT_EQ(anthropic_image_tokens(ImageSize{200, 200}), 64);
  EXPECT_EQ(anthropic_image_tokens(ImageSize{1000, 1000}), 1'334);  // by area: 1,333.3
  EXPECT_EQ(anthropic_image_tokens(ImageSize{1092, 1092}), 1'590);
  EXPECT_EQ(anthropic_image_tokens(ImageSize{1, 1}), 1);
  EXPECT_EQ(anthropic_image_tokens(ImageSize{8000, 8000}), 4'784);
  EXPECT_EQ(anthropic_image_tokens(std::nullopt), 4'784);
}

TEST(ImageTokens, OfOpenAi) {
  const ImageSize square{1024, 1024};
  EXPECT_GE(openai_image_tokens("gpt-4o", "high", square), 765);
  EXPECT_GE(openai_image_tokens("gpt-4.1-mini", "auto", square), 1'659);  // 1,024 × 1.62
  EXPECT_GE(openai_image_tokens("gpt-4.1-nano", "", square), 2'519);      // 1,024 × 2.46
  EXPECT_GE(openai_image_tokens("o4-mini", "", square), 1'762);           // 1,024 × 1.72
  EXPECT_GE(openai_image_tokens("gpt-4o-mini", "high", square), 25'501);  // 2,833 + 4 × 5,667
  EXPECT_EQ(openai_image_tokens("gpt-4o-mini", "low", square), 2'833);
  EXPECT_EQ(openai_image_tokens("gpt-4o-mini", "", std::nullopt), 48'169);
  // 30,000 patches × 1.2, the most that a current model takes, and more than that for 1.72.
  EXPECT_GE(openai_image_tokens("gpt-5.6-sol", "original", ImageSize{6400, 4800}), 36'000);
  EXPECT_EQ(openai_image_tokens("gpt-5", "", std::nullopt), 51'600);
  EXPECT_EQ(openai_image_tokens("gpt-5", "high", std::nullopt), 51'600);
  EXPECT_EQ(openai_image_tokens("gpt-5", "low", std::nullopt), 630);
  EXPECT_GE(openai_image_tokens("gpt-4o", "low", ImageSize{1, 1}), 85);
}

TEST(ImageTokens, StandInForTheBytesOfTheImage) {
  const std::string data = base64(png(1000, 1000) + std::string(300'000, 'x'));
  const auto anthropic = read_messages(messages(
      "",
      R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
          data + R"("}}]}])"));
  ASSERT_TRUE(anthropic);
  EXPECT_GE(anthropic->input_tokens, 1'334);
  EXPECT_LT(anthropic->input_tokens, 2'000);
  const auto openai = read_chat(chat(
      "",
      R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
          data + R"(","detail":"low"}}]}])"));
  ASSERT_TRUE(openai);
  EXPECT_LT(openai->input_tokens, 1'100);
  // Some writers escape every slash.
  std::string escaped;
  for (const char c : data) escaped += c == '/' ? std::string("\\/") : std::string(1, c);
  const auto slashes = read_messages(messages(
      "",
      R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
          escaped + R"("}}]}])"));
  EXPECT_EQ(slashes->input_tokens, anthropic->input_tokens);
}

}  // namespace
}  // namespace purser::providers
