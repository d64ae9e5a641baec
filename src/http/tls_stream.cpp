#include "tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cerrno>

namespace purser::http {

namespace asio = boost::asio;
using Ready = Socket::Ready;

namespace {

constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// A BIO over recv and send: OpenSSL's own calls write(2), which raises SIGPIPE.
Socket* socket_of(BIO* bio) { return static_cast<Socket*>(BIO_get_data(bio)); }

int bio_result(BIO* bio, ssize_t size, int retry) {
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
  }
  return static_cast<int>(size);
}

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  if (!socket_of(bio)->is_open()) return -1;
  errno = 0;
  const ssize_t got = ::recv(socket_of(bio)->handle(), into, static_cast<std::size_t>(size), 0);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return bio_result(bio, got, BIO_FLAGS_READ);
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  if (!socket_of(bio)->is_open()) return -1;
  errno = 0;
  return bio_result(
      bio, ::send(socket_of(bio)->handle(), data, static_cast<std::size_t>(size), MSG_NOSIGNAL),
      BIO_FLAGS_WRITE);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "purser socket");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

}  // namespace

TlsStream::TlsStream(asio::ip::tcp::socket socket, SSL_CTX* context)
    : socket_(std::move(socket)), ssl_(SSL_new(context)) {
  BIO* bio = ssl_ ? BIO_new(socket_method()) : nullptr;
  if (bio == nullptr) {
    broken_ = true;
    socket_.set_reason("out of memory for TLS");
    return;
  }
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

TlsStream::~TlsStream() = default;

asio::awaitable<IoStatus> TlsStream::accept_handshake(Duration timeout) {
  if (broken_) co_return IoStatus::failed;
  SSL_set_accept_state(ssl_.get());
  co_return co_await handshake(timeout);
}

asio::awaitable<IoStatus> TlsStream::connect_handshake(std::string host, Duration timeout) {
  if (broken_) co_return IoStatus::failed;
  SSL* ssl = ssl_.get();
  SSL_set_connect_state(ssl);
  SSL_set_alpn_protos(ssl, kAlpn, sizeof kAlpn);
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  boost::system::error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  int prepared;
  if (!not_an_address) {
    prepared = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    prepared = SSL_set1_host(ssl, host.c_str());
    if (prepared == 1) prepared = static_cast<int>(SSL_set_tlsext_host_name(ssl, host.c_str()));
  }
  if (prepared != 1) {
    broken_ = true;
    socket_.set_reason("\"" + host + "\" cannot be checked against a certificate");
    co_return IoStatus::failed;
  }
  const IoStatus status = co_await handshake(timeout);
  if (status != IoStatus::ok) co_return status;
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  const bool http_1_1 =
      size == sizeof kAlpn - 1 && std::equal(protocol, protocol + size, kAlpn + 1);
  if (size != 0 && !http_1_1) {
    socket_.set_reason("the server chose a protocol that was not offered");
    co_return IoStatus::failed;
  }
  co_return IoStatus::ok;
}

asio::awaitable<IoStatus> TlsStream::handshake(Duration timeout) {
  socket_.set_deadline(Ready::read, timeout);
  IoStatus status = IoStatus::ok;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) break;
    status = co_await settle(result, Ready::read);
    if (status != IoStatus::ok) break;
  }
  socket_.clear_deadline(Ready::read);
  // An orderly end in the middle of a handshake is a failure all the same.
  if (status == IoStatus::end) {
    socket_.set_reason("the peer closed the connection in the middle of the TLS handshake");
    status = IoStatus::failed;
  }
  co_return status;
}

asio::awaitable<IoStatus> TlsStream::settle(int result, Ready deadline_of) {
  const int error_number = errno;
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) co_return co_await socket_.wait(Ready::read, deadline_of);
  if (error == SSL_ERROR_WANT_WRITE) co_return co_await socket_.wait(Ready::write, deadline_of);
  if (error == SSL_ERROR_ZERO_RETURN) co_return IoStatus::end;
  note_failure(error, error_number);
  co_return IoStatus::failed;
}

void TlsStream::note_failure(int ssl_error, int error_number) {
  broken_ = true;
  const unsigned long code = ERR_get_error();
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK) {
    socket_.set_reason(std::string("the certificate was not accepted: ") +
                       X509_verify_cert_error_string(verdict));
  } else if (code != 0) {
    const char* text = ERR_reason_error_string(code);
    socket_.set_reason(std::string("TLS: ") + (text != nullptr ? text : "unknown error"));
  } else if (ssl_error == SSL_ERROR_SYSCALL && error_number != 0) {
    socket_.set_system_reason(error_number);
  } else {
    socket_.set_reason("the peer closed the connection without ending TLS");
  }
}

asio::awaitable<ReadResult> TlsStream::read_some(std::span<char> into, Duration timeout) {
  ReadResult result;
  bool waited = false;
  for (;;) {
    if (broken_ || !socket_.is_open()) {
      result.status = IoStatus::failed;
      break;
    }
    ERR_clear_error();
    const int got = SSL_read_ex(ssl_.get(), into.data(), into.size(), &result.size);
    if (got == 1) break;
    result.size = 0;
    if (!waited) socket_.set_deadline(Ready::read, timeout);
    waited = true;
    result.status = co_await settle(got, Ready::read);
    if (result.status != IoStatus::ok) break;
  }
  if (waited) socket_.clear_deadline(Ready::read);
  co_return result;
}

asio::awaitable<WriteResult> TlsStream::write(std::string_view data, Duration timeout) {
  WriteResult result;
  bool waited = false;
  while (result.size < data.size()) {
    if (broken_ || !socket_.is_open()) {
      result.status = IoStatus::failed;
      break;
    }
    ERR_clear_error();
    std::size_t sent = 0;
    const int wrote =
        SSL_write_ex(ssl_.get(), data.data() + result.size, data.size() - result.size, &sent);
    if (wrote == 1) {
      result.size += sent;
      continue;
    }
    if (!waited) socket_.set_deadline(Ready::write, timeout);
    waited = true;
    result.status = co_await settle(wrote, Ready::write);
    if (result.status != IoStatus::ok) break;
  }
  if (result.status == IoStatus::end) result.status = IoStatus::failed;
  if (waited) socket_.clear_deadline(Ready::write);
  co_return result;
}

asio::awaitable<void> TlsStream::shutdown_write(Duration) {
  // One try, without waiting: the alert is small, and nothing depends on its arrival.
  if (!broken_ && socket_.is_open() && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  socket_.shutdown_write();
  co_return;
}

void TlsStream::close() noexcept {
  if (!broken_ && socket_.is_open() && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  socket_.close();
}

bool TlsStream::is_quiet() noexcept {
  if (broken_ || !socket_.is_open()) return false;
  // Through OpenSSL, which takes in session tickets on the way: they are not bytes of an answer.
  char byte;
  std::size_t size = 0;
  ERR_clear_error();
  const int got = SSL_peek_ex(ssl_.get(), &byte, 1, &size);
  if (got == 1) return false;
  const bool quiet = SSL_get_error(ssl_.get(), got) == SSL_ERROR_WANT_READ;
  ERR_clear_error();
  if (!quiet) broken_ = true;
  return quiet;
}

}  // namespace purser::http
