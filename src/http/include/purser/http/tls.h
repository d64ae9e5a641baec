// TLS for both sides: version 1.2 or later, ALPN http/1.1 and nothing else.
//
// Threading: both classes may be used from any thread. Connections keep the context they began
// with; a reload counts from the next handshake on.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "purser/base/result.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace purser::http {

// The server's certificate chain and key, from PEM files.
class TlsContext {
 public:
  // Errors: `bad_certificate`, with the file and what OpenSSL says of it.
  static Result<std::shared_ptr<TlsContext>> load(std::string certificate_file,
                                                  std::string key_file);
  // Reads the same files again; on an error the old certificate stays in use.
  Result<void> reload();

  std::shared_ptr<SSL_CTX> current() const;

 private:
  TlsContext(std::string certificate_file, std::string key_file);
  std::string certificate_file_;
  std::string key_file_;
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
};

// Which certificates of upstreams are believed: the system's store, or those of one PEM file. The
// certificate's chain and its host name (or IP address) are always checked.
class TlsClientContext {
 public:
  // An empty `ca_file` means the system's store. Errors: `bad_ca_file`.
  static Result<std::shared_ptr<TlsClientContext>> make(const std::string& ca_file);

  SSL_CTX* get() const { return context_.get(); }

 private:
  explicit TlsClientContext(std::shared_ptr<SSL_CTX> context) : context_(std::move(context)) {}
  std::shared_ptr<SSL_CTX> context_;
};

}  // namespace purser::http
