// The pure parts: fields, URLs, the body decoder, dates; and Beast's parser as an oracle: what the
// strict parser accepts, Beast reads in the same way.
#include <gtest/gtest.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "body_decoder.h"
#include "characters.h"
#include "head_parser.h"
#include "head_writer.h"
#include "memory_support.h"
#include "purser/http/url.h"

namespace purser::http::testing {
namespace {

namespace beast = boost::beast;

TEST(Fields, KeepOrderAndSpellingAndCompareWithoutCase) {
  Fields fields{{"A", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(fields.find("a"), "1");
  EXPECT_EQ(fields.count("A"), 2u);
  EXPECT_EQ(fields.joined("a"), "1, 3");
  EXPECT_EQ(fields[2].name, "a");
  fields.set("A", "4");
  EXPECT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields.joined("a"), "4");
  EXPECT_EQ(fields.remove("b"), 1u);
  EXPECT_EQ(fields.find("b"), std::nullopt);
  EXPECT_FALSE(fields.contains("aa"));
  std::string all;
  for (const Field field : fields) all += std::string(field.name) + "=" + std::string(field.value);
  EXPECT_EQ(all, "A=4");
  fields.clear();
  EXPECT_TRUE(fields.empty());
}

TEST(Url, ReadsBaseUrls) {
  const Target plain = parse_base_url("http://127.0.0.1:8000/openai/").value();
  EXPECT_EQ(plain, (Target{false, "127.0.0.1", 8000, "/openai"}));
  EXPECT_EQ(plain.authority(), "127.0.0.1:8000");
  const Target tls = parse_base_url("https://api.openai.com").value();
  EXPECT_EQ(tls, (Target{true, "api.openai.com", 443, ""}));
  EXPECT_EQ(tls.authority(), "api.openai.com");
  const Target ipv6 = parse_base_url("https://[::1]:8443/a/b").value();
  EXPECT_EQ(ipv6, (Target{true, "::1", 8443, "/a/b"}));
  EXPECT_EQ(ipv6.authority(), "[::1]:8443");
  EXPECT_EQ(to_text(ipv6), "https://[::1]:8443/a/b");
  EXPECT_EQ(to_text(parse_base_url("http://x:443").value()), "http://x:443");
}

TEST(Url, RefusesTheRest) {
  for (const char* url :
       {"", "api.openai.com", "ftp://x", "http://", "http:///path", "https://user:key@x",
        "https://x?y", "https://x#y", "http://x:0", "http://x:65536", "http://x:abc",
        "http://x:80abc", "http://a b", "http://%00", "https://x/\r\nHost: y", "/path"}) {
    const Result<Target> parsed = parse_base_url(url);
    ASSERT_FALSE(parsed.ok()) << url;
    EXPECT_EQ(parsed.error().code, "bad_url");
  }
}

TEST(Date, IsWrittenAsHttpWantsIt) {
  using std::chrono::seconds;
  EXPECT_EQ(http_date(Instant{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(Instant{seconds{951'826'154}}), "Tue, 29 Feb 2000 12:09:14 GMT");
  EXPECT_EQ(http_date(Instant{seconds{951'826'155}}), "Tue, 29 Feb 2000 12:09:15 GMT");
}

// In pieces of every size, the decoder yields the same body and stops at the same byte.
TEST(BodyDecoder, DoesNotCareWhereItIsSplit) {
  const std::string coded =
      "1\r\na\r\n00000F;x=\"y\"\r\nbcdefghijklmnop\r\n3\r\nqrs\r\n0\r\nT: u\r\nV:\r\n\r\nNEXT";
  for (std::size_t size = 1; size <= coded.size(); ++size) {
    BodyDecoder decoder({BodyFraming::Kind::chunked, 0}, 100, 100);
    std::string body;
    std::size_t at = 0;
    while (!decoder.done()) {
      std::string piece = coded.substr(at, size);
      const BodyDecoder::Step step = decoder.decode(piece);
      ASSERT_EQ(step.fault, Fault::none);
      body += piece.substr(0, step.produced);
      at += step.consumed;
      ASSERT_TRUE(step.consumed == piece.size() || decoder.done());
    }
    EXPECT_EQ(body, "abcdefghijklmnopqrs");
    EXPECT_EQ(coded.substr(at), "NEXT");
  }
}

TEST(BodyDecoder, EndsWithTheStreamOnlyWhereThatIsTheEnd) {
  BodyDecoder close({BodyFraming::Kind::until_close, 0}, 0, 0);
  EXPECT_TRUE(close.end_of_stream());
  BodyDecoder length({BodyFraming::Kind::length, 3}, 0, 0);
  EXPECT_FALSE(length.end_of_stream());
  BodyDecoder chunked({BodyFraming::Kind::chunked, 0}, 0, 0);
  EXPECT_FALSE(chunked.end_of_stream());
  BodyDecoder none({BodyFraming::Kind::none, 0}, 0, 0);
  EXPECT_TRUE(none.done());
}

struct BeastReading {
  bool ok = false;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::size_t consumed = 0;
};

BeastReading read_with_beast(std::string_view bytes) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.eager(true);
  beast::error_code error;
  BeastReading reading;
  while (!parser.is_done() && !error) {
    const std::size_t used = parser.put(
        boost::asio::buffer(bytes.data() + reading.consumed, bytes.size() - reading.consumed),
        error);
    reading.consumed += used;
    if (used == 0) break;
  }
  reading.ok = parser.is_done() && !error;
  reading.method = std::string(parser.get().method_string());
  reading.target = std::string(parser.get().target());
  for (const auto& field : parser.get()) {
    reading.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  reading.body = parser.get().body();
  return reading;
}

// Builds requests from parts, each of them good or odd, so that all their combinations are tried.
std::vector<std::string> combined_requests() {
  const char* lines[] = {"GET / HTTP/1.1\r\n",   "POST /a?b HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n",
                         "POST /a HTTP/1.0\r\n", "POST  /a HTTP/1.1\r\n",  "post /\" HTTP/1.1\r\n",
                         "POST //x HTTP/1.1\r\n"};
  const char* hosts[] = {"Host: x\r\n", "", "Host: x\r\nhOST: x\r\n", "HOST:x:80\r\n"};
  const char* framings[] = {"",
                            "Content-Length: 5\r\n",
                            "content-length:5\r\n",
                            "Content-Length: 05\r\n",
                            "Content-Length: 5\r\nContent-Length: 5\r\n",
                            "Content-Length: +5\r\n",
                            "Transfer-Encoding: chunked\r\n",
                            "Transfer-Encoding:\t CHUNKED \t\r\n",
                            "Transfer-Encoding: xchunked\r\n",
                            "Transfer-Encoding: gzip, chunked\r\n",
                            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"};
  const char* others[] = {"",         "X-A:  b \t c\t \r\n", "X-A: b\r\n c\r\n", "X-A : b\r\n",
                          "X-A:\r\n", "X-A: \xc3\xa4\r\n",   "X-A: a\x01\r\n"};
  const char* bodies[] = {"", "hello", "5\r\nhello\r\n0\r\n\r\n",
                          "5;e=1\r\nhello\r\n0\r\nT: u\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n"};
  std::vector<std::string> requests;
  for (const char* line : lines) {
    for (const char* host : hosts) {
      for (const char* framing : framings) {
        for (const char* other : others) {
          for (const char* body : bodies) {
            requests.push_back(std::string(line) + host + other + framing + "\r\n" + body);
          }
        }
      }
    }
  }
  return requests;
}

struct OurReading {
  bool ok = false;
  RequestHead head;
  std::string body;
  std::size_t consumed = 0;
};

OurReading read_strictly(std::string_view bytes) {
  OurReading reading;
  HeadScanner scanner(101);
  if (scanner.scan(bytes) != HeadScanner::State::complete) return reading;
  BodyFraming framing;
  const std::string_view head = bytes.substr(0, scanner.head_bytes());
  if (parse_request_head(head, Limits{}, reading.head, framing) != Fault::none) return reading;
  std::string rest(bytes.substr(head.size()));
  BodyDecoder decoder(framing, 256, 8192);
  const BodyDecoder::Step step = decoder.decode(rest);
  reading.ok = step.fault == Fault::none && decoder.done();
  reading.body = rest.substr(0, step.produced);
  reading.consumed = head.size() + step.consumed;
  return reading;
}

TEST(Oracle, BeastReadsTheSameInWhatIsAccepted) {
  std::size_t accepted = 0;
  std::size_t only_beast = 0;
  for (const std::string& request : combined_requests()) {
    const OurReading ours = read_strictly(request);
    const BeastReading beasts = read_with_beast(request);
    if (!ours.ok) {
      only_beast += beasts.ok ? 1 : 0;
      continue;
    }
    ++accepted;
    ASSERT_TRUE(beasts.ok) << request;
    EXPECT_EQ(ours.head.method, beasts.method) << request;
    EXPECT_EQ(ours.head.target, beasts.target) << request;
    EXPECT_EQ(ours.body, beasts.body) << request;
    EXPECT_EQ(ours.consumed, beasts.consumed) << request;
    for (const Field field : ours.head.fields) {
      const auto same = [&](const auto& other) {
        return other.first == field.name && other.second == field.value;
      };
      EXPECT_TRUE(std::any_of(beasts.fields.begin(), beasts.fields.end(), same))
          << request << field.name;
    }
  }
  EXPECT_GT(accepted, 300u);
  EXPECT_GT(only_beast, 300u);  // or else the table of oddities has lost its teeth
}

}  // namespace
}  // namespace purser::http::testing
