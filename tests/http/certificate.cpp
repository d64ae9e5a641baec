#include "certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

namespace purser::http::testing {

namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

// Removes the directories when the test process ends.
struct Directories {
  std::vector<std::filesystem::path> paths;
  ~Directories() {
    for (const auto& path : paths) {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  }
};

std::filesystem::path make_directory() {
  static Directories directories;
  std::string pattern = (std::filesystem::temp_directory_path() / "purser-http-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  directories.paths.push_back(pattern);
  return pattern;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("bad extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make(const Key& key, const std::string& name, X509* issuer, EVP_PKEY* signer,
                 const std::string& names) {
  static long serial = 0;
  Certificate made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 24 * 3600);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* by = issuer != nullptr ? issuer : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(by));
  add_extension(made.get(), by, NID_basic_constraints,
                issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!names.empty()) add_extension(made.get(), by, NID_subject_alt_name, names);
  if (X509_sign(made.get(), signer, EVP_sha256()) == 0) throw std::runtime_error("signing failed");
  return made;
}

template <typename Write>
std::string write_file(const std::filesystem::path& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) throw std::runtime_error("cannot write " + path.string());
  write(file);
  std::fclose(file);
  return path.string();
}

}  // namespace

CertificateFiles make_certificate(const std::string& names) {
  const Key ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate ca = make(ca_key, "Test authority", nullptr, ca_key.get(), "");
  const Certificate server = make(key, "Test server", ca.get(), ca_key.get(), names);
  const std::filesystem::path directory = make_directory();
  CertificateFiles files;
  files.ca = write_file(directory / "ca.pem", [&](std::FILE* f) { PEM_write_X509(f, ca.get()); });
  files.certificate = write_file(directory / "certificate.pem",
                                 [&](std::FILE* f) { PEM_write_X509(f, server.get()); });
  files.key = write_file(directory / "key.pem", [&](std::FILE* f) {
    PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace purser::http::testing
