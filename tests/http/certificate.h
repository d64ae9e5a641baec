// A certificate authority and certificates made for a test, by OpenSSL.
#pragma once

#include <string>

namespace purser::http::testing {

struct CertificateFiles {
  std::string ca;  // PEM files
  std::string certificate;
  std::string key;
};

// In a new temporary directory, that goes with the process. `names`: of the server, in OpenSSL's
// notation for a subjectAltName: "DNS:localhost,IP:127.0.0.1".
CertificateFiles make_certificate(const std::string& names);

}  // namespace purser::http::testing
