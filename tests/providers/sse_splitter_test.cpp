#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sse.h"

namespace purser::providers {
namespace {

struct Frame {
  std::string raw, event, data;
  bool operator==(const Frame&) const = default;
};

struct Split {
  std::vector<Frame> frames;
  std::string all;  // frames, tails and the unfinished rest, in their order
  std::string rest;
  bool fits = true;
};

Split split(const std::vector<std::string>& pieces, std::size_t max_bytes = 1 << 20) {
  SseSplitter splitter(max_bytes);
  Split out;
  for (const std::string& piece : pieces) {
    out.fits =
        out.fits && splitter.feed(
                        piece,
                        [&out](const SseFrame& frame) {
                          out.frames.push_back({std::string(frame.raw), std::string(frame.event),
                                                std::string(frame.data)});
                          out.all += frame.raw;
                        },
                        [&out](std::string_view tail) { out.all += tail; });
  }
  out.rest = splitter.pending();
  out.all += out.rest;
  return out;
}

TEST(SseSplitter, ReadsFieldsAsTheStandardSays) {
  const Split got =
      split({": comment\n\nevent:message\ndata:x\ndata:  y\nid: 7\ndata\nretry: 1\n\n"
             "data: {\"a\":1}\n\nevent: a\nevent: b\n\ndatax: no\n data: no\n\n"});
  ASSERT_EQ(got.frames.size(), 5u);
  EXPECT_EQ(got.frames[0], (Frame{": comment\n\n", "", ""}));
  EXPECT_EQ(got.frames[1].event, "message");
  EXPECT_EQ(got.frames[1].data, "x\n y\n");
  EXPECT_EQ(got.frames[2].data, "{\"a\":1}");
  EXPECT_EQ(got.frames[3].event, "b");
  EXPECT_EQ(got.frames[4].data, "");
  EXPECT_EQ(got.rest, "");
}

TEST(SseSplitter, TakesEveryKindOfLineEnd) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const Split got = split({"data: a" + end + "data: b" + end + end + "data: c" + end + end});
    ASSERT_EQ(got.frames.size(), 2u) << testing::PrintToString(end);
    EXPECT_EQ(got.frames[0].data, "a\nb");
    EXPECT_EQ(got.frames[0].raw, "data: a" + end + "data: b" + end + end);
    EXPECT_EQ(got.frames[1].data, "c");
  }
}

TEST(SseSplitter, SkipsAByteOrderMarkAtTheStartAlone) {
  const Split got =
      split({"\xEF\xBB\xBF"
             "data: a\n\n\xEF\xBB\xBF"
             "data: b\n\n"});
  ASSERT_EQ(got.frames.size(), 2u);
  EXPECT_EQ(got.frames[0].data, "a");
  EXPECT_EQ(got.frames[1].data, "");
}

TEST(SseSplitter, RefusesAFrameAboveItsBoundHoweverItComes) {
  const std::string frame = "data: 0123456789\n\n";  // 18 bytes
  EXPECT_TRUE(split({frame, frame}, 18).fits);
  EXPECT_FALSE(split({frame}, 17).fits);
  EXPECT_FALSE(split({frame.substr(0, 9), frame.substr(9)}, 17).fits);
  const Split endless = split({std::string(10, 'x'), std::string(8, 'x')}, 17);
  EXPECT_FALSE(endless.fits);
  EXPECT_LE(endless.rest.size(), 17u);
}

// Streams of the bytes that matter to framing, and cuts anywhere.
RC_GTEST_PROP(SseSplitter, CutsDoNotMatter, ()) {
  const auto stream = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("\n\n\n\r\r:: dataeventx\xEF\xBB\xBF")));
  const auto cuts = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, stream.size() + 1));
  std::vector<std::string> pieces;
  std::size_t at = 0;
  for (const std::size_t cut : cuts) {
    if (cut < at) continue;
    pieces.push_back(stream.substr(at, cut - at));
    at = cut;
  }
  pieces.push_back(stream.substr(at));

  const Split whole = split({stream});
  const Split cut = split(pieces);
  RC_ASSERT(whole.all == stream);
  RC_ASSERT(cut.all == stream);
  RC_ASSERT(cut.frames.size() == whole.frames.size());
  for (std::size_t i = 0; i < whole.frames.size(); ++i) {
    // A \n that came after its \r is a tail of the frame before; the frame's sense is the same.
    RC_ASSERT(cut.frames[i].event == whole.frames[i].event);
    RC_ASSERT(cut.frames[i].data == whole.frames[i].data);
  }
}

}  // namespace
}  // namespace purser::providers
