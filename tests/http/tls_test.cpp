// TLS on both sides, with certificates made here.
#include "purser/http/tls.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "certificate.h"
#include "handlers.h"
#include "net_support.h"

namespace purser::http::testing {
namespace {

namespace asio = boost::asio;

class TlsTest : public ::testing::Test {
 protected:
  void start(const CertificateFiles& files) {
    context_ = TlsContext::load(files.certificate, files.key).value();
    ServerOptions options{.handler = echo};
    options.tls = context_;
    options.limits.tls_handshake_timeout = handshake_timeout_;
    server_ = std::make_unique<RunningServer>(std::move(options));
  }

  Fetched get(const std::string& host, const std::string& ca_file, std::string body = "hello") {
    ClientOptions options;
    options.tls = TlsClientContext::make(ca_file).value();
    Client client(io_.get_executor(), std::move(options));
    const Target target{true, host, server_->port(), ""};
    UpstreamRequest request{"POST", "/tls", {}, std::move(body)};
    return run_on(io_, fetch(&client, &target, std::move(request)));
  }

  Duration handshake_timeout_ = Limits{}.tls_handshake_timeout;
  asio::io_context io_{1};
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<RunningServer> server_;
};

TEST_F(TlsTest, CarriesRequestsToAName) {
  const CertificateFiles files = make_certificate("DNS:localhost");
  start(files);
  const Fetched got = get("localhost", files.ca);
  EXPECT_EQ(got.failure, UpstreamFailure::none) << got.reason;
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "hello");
}

TEST_F(TlsTest, CarriesRequestsToAnAddress) {
  const CertificateFiles files = make_certificate("IP:127.0.0.1");
  start(files);
  EXPECT_EQ(get("127.0.0.1", files.ca).body, "hello");
}

TEST_F(TlsTest, CarriesLargeBodiesBothWays) {
  const CertificateFiles files = make_certificate("IP:127.0.0.1");
  start(files);
  const std::string large(5'000'000, 'l');
  EXPECT_TRUE(get("127.0.0.1", files.ca, large).body == large);
}

TEST_F(TlsTest, RefusesAnotherName) {
  const CertificateFiles files = make_certificate("DNS:elsewhere.test");
  start(files);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const Fetched got = get(host, files.ca);
    EXPECT_EQ(got.failure, UpstreamFailure::tls);
    EXPECT_FALSE(got.may_have_been_sent);
    EXPECT_NE(got.reason.find("certificate was not accepted"), std::string::npos) << got.reason;
  }
  EXPECT_EQ(server_->counters().requests, 0u);
}

TEST_F(TlsTest, RefusesAnotherAuthority) {
  start(make_certificate("IP:127.0.0.1"));
  const CertificateFiles other = make_certificate("IP:127.0.0.1");
  EXPECT_EQ(get("127.0.0.1", other.ca).failure, UpstreamFailure::tls);
  EXPECT_EQ(get("127.0.0.1", "").failure, UpstreamFailure::tls);  // the system's store
  EXPECT_EQ(server_->counters().requests, 0u);
}

TEST_F(TlsTest, ReusesItsConnections) {
  const CertificateFiles files = make_certificate("IP:127.0.0.1");
  start(files);
  ClientOptions options;
  options.tls = TlsClientContext::make(files.ca).value();
  Client client(io_.get_executor(), std::move(options));
  const Target target{true, "127.0.0.1", server_->port(), ""};
  for (int i = 0; i < 3; ++i) {
    UpstreamRequest request{"POST", "/", {}, "x"};
    EXPECT_EQ(run_on(io_, fetch(&client, &target, std::move(request))).body, "x");
    EXPECT_EQ(client.idle_connections(), 1u);
  }
  EXPECT_EQ(server_->counters().connections_accepted, 1u);
}

TEST_F(TlsTest, NeedsAContextForHttps) {
  Client client(io_.get_executor(), {});
  const Target target{true, "127.0.0.1", 1, ""};
  UpstreamRequest request{"GET", "/", {}, ""};
  const Fetched got = run_on(io_, fetch(&client, &target, std::move(request)));
  EXPECT_EQ(got.failure, UpstreamFailure::tls);
  EXPECT_FALSE(got.reason.empty());
}

TEST_F(TlsTest, ReloadsItsCertificate) {
  CertificateFiles files = make_certificate("IP:127.0.0.1");
  start(files);
  EXPECT_EQ(get("127.0.0.1", files.ca).status, 200);
  const CertificateFiles next = make_certificate("IP:127.0.0.1");
  const auto overwrite = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(next.certificate, files.certificate, overwrite);
  // Half a change: the key does not belong to the certificate yet. The old one stays.
  const Result<void> half = context_->reload();
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.error().code, "bad_certificate");
  EXPECT_EQ(get("127.0.0.1", files.ca).status, 200);
  std::filesystem::copy_file(next.key, files.key, overwrite);
  EXPECT_TRUE(context_->reload().ok());
  EXPECT_EQ(get("127.0.0.1", files.ca).failure, UpstreamFailure::tls);
  EXPECT_EQ(get("127.0.0.1", next.ca).status, 200);
}

TEST_F(TlsTest, SaysWhatIsWrongWithItsFiles) {
  const CertificateFiles files = make_certificate("DNS:x");
  EXPECT_EQ(TlsContext::load("/nowhere.pem", files.key).error().code, "bad_certificate");
  EXPECT_EQ(TlsContext::load(files.certificate, files.certificate).error().code, "bad_certificate");
  const Result<std::shared_ptr<TlsClientContext>> none = TlsClientContext::make("/nowhere.pem");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, "bad_ca_file");
  EXPECT_NE(none.error().message.find("/nowhere.pem"), std::string::npos);
}

TEST_F(TlsTest, DropsAClientThatDoesNotShakeHands) {
  handshake_timeout_ = std::chrono::milliseconds{50};
  start(make_certificate("DNS:x"));
  RawSocket silent = RawSocket::connect(server_->port());
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_TRUE(eventually([&] { return server_->counters().tls_failures == 1u; }));
  RawSocket plain = RawSocket::connect(server_->port());
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  plain.read_to_end();
  EXPECT_TRUE(eventually([&] { return server_->counters().tls_failures == 2u; }));
  EXPECT_TRUE(eventually([&] { return server_->server().open_connections() == 0; }));
}

// A client of plain OpenSSL, to choose version and protocols.
struct Handshake {
  bool ok = false;
  std::string protocol;
};
Handshake shake_hands(std::uint16_t port, int max_version, std::string_view alpn) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  SSL_CTX_set_security_level(context.get(), 0);
  if (!alpn.empty()) {
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                            static_cast<unsigned int>(alpn.size()));
  }
  RawSocket socket = RawSocket::connect(port);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), socket.handle());
  Handshake result;
  result.ok = SSL_connect(ssl.get()) == 1;
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl.get(), &protocol, &size);
  if (size > 0) result.protocol.assign(reinterpret_cast<const char*>(protocol), size);
  return result;
}

TEST_F(TlsTest, SpeaksTls12AndLaterAndHttp11Only) {
  start(make_certificate("DNS:x"));
  EXPECT_FALSE(shake_hands(server_->port(), TLS1_1_VERSION, "").ok);
  EXPECT_TRUE(shake_hands(server_->port(), TLS1_2_VERSION, "").ok);
  const Handshake both = shake_hands(server_->port(), TLS1_3_VERSION, "\x02h2\x08http/1.1");
  EXPECT_TRUE(both.ok);
  EXPECT_EQ(both.protocol, "http/1.1");
  EXPECT_FALSE(shake_hands(server_->port(), TLS1_3_VERSION, "\x02h2").ok);
}

}  // namespace
}  // namespace purser::http::testing
