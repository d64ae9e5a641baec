#include "api_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

namespace purser::main {
namespace {

using testing::HasSubstr;

Environment environment(std::map<std::string, std::string> variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

// A port of this machine on which nobody listens.
int closed_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

TEST(ApiClient, SaysHowToStartWhereNobodyAnswers) {
  const std::string url = "http://127.0.0.1:" + std::to_string(closed_port());
  Result<ApiClient> client =
      ApiClient::from_environment(environment({{"PURSER_URL", url}, {"PURSER_KEY", "psr_x"}}));
  ASSERT_TRUE(client.ok());
  const Result<ApiAnswer> answer = client->call({"GET", "/api/v1/me", {}, ""});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, "no_server");
  EXPECT_THAT(answer.error().message, HasSubstr(url));
  EXPECT_THAT(answer.error().message, HasSubstr("./scripts/start"));
}

TEST(ApiClient, NeedsAKeyAndAUrl) {
  EXPECT_EQ(ApiClient::from_environment(environment({})).error().code, "no_key");
  EXPECT_EQ(ApiClient::from_environment(environment({{"PURSER_KEY", "a\r\nX: y"}})).error().code,
            "no_key");
  EXPECT_EQ(
      ApiClient::from_environment(environment({{"PURSER_KEY", "a"}, {"PURSER_URL", "file:///etc"}}))
          .error()
          .code,
      "bad_url");
}

TEST(ApiClient, EncodesWhatAPathMayNotHold) {
  EXPECT_EQ(percent_encode("ana@example.com"), "ana%40example.com");
  EXPECT_EQ(percent_encode("a b/c?d=é"), "a%20b%2Fc%3Fd%3D%C3%A9");
  EXPECT_EQ(percent_encode("a-b_c.d~e"), "a-b_c.d~e");
}

}  // namespace
}  // namespace purser::main
