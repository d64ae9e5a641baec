#include "purser/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>

namespace purser::http {

namespace {

// What OpenSSL last complained of; clears its queue.
std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  const char* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "OpenSSL error " + std::to_string(code);
}

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr std::string_view kHttp11 = "http/1.1";
  for (unsigned int at = 0; at < offered_size;) {
    const unsigned int size = offered[at++];
    if (size > offered_size - at) break;
    if (size == kHttp11.size() && std::memcmp(offered + at, kHttp11.data(), size) == 0) {
      *out = offered + at;
      *out_size = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
    at += size;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

Error bad_certificate(const std::string& file, const std::string& reason) {
  return Error{"bad_certificate",
               "\"" + file + "\" cannot be used for TLS: " + reason +
                   ". It must be a readable PEM file; certificate and key must belong together.",
               Side::us};
}

}  // namespace

TlsContext::TlsContext(std::string certificate_file, std::string key_file)
    : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}

Result<std::shared_ptr<TlsContext>> TlsContext::load(std::string certificate_file,
                                                     std::string key_file) {
  std::shared_ptr<TlsContext> made(
      new TlsContext(std::move(certificate_file), std::move(key_file)));
  const Result<void> loaded = made->reload();
  if (!loaded) return loaded.error();
  return made;
}

Result<void> TlsContext::reload() {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context = make_context(TLS_server_method());
  if (!context) return bad_certificate(certificate_file_, openssl_reason());
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Sessions resume by tickets, which the client keeps; nothing of them stays here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file_.c_str()) != 1) {
    return bad_certificate(certificate_file_, openssl_reason());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file_.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return bad_certificate(key_file_, openssl_reason());
  }
  const std::lock_guard lock(mutex_);
  context_ = context;
  return {};
}

std::shared_ptr<SSL_CTX> TlsContext::current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

Result<std::shared_ptr<TlsClientContext>> TlsClientContext::make(const std::string& ca_file) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context = make_context(TLS_client_method());
  const bool loaded =
      context && (ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                  : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(),
                                                                  nullptr) == 1);
  if (!loaded) {
    const std::string name = ca_file.empty() ? "the system's certificate store" : ca_file;
    return Error{"bad_ca_file",
                 "No certificates to believe could be read from " + name + ": " + openssl_reason() +
                     ". Name a PEM file of certificates, or install ca-certificates.",
                 Side::us};
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return std::shared_ptr<TlsClientContext>(new TlsClientContext(std::move(context)));
}

}  // namespace purser::http
