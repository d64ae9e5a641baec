#include "first_start.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "purser/base/text.h"
#include "purser/identity/demo.h"

namespace purser::main {
namespace {

std::string demo_json(const identity::Demo& demo) {
  std::string json = "{\"admin_key\":" + quote_json(demo.admin_key) + ",\n\"people\":[";
  bool first = true;
  for (const identity::SeededPerson& person : demo.people) {
    json += first ? "\n" : ",\n";
    json += "{\"name\":" + quote_json(person.name) + ",\"email\":" + quote_json(person.email) +
            ",\"team\":" + quote_json(person.team) + ",\"cap_usd\":" + quote_json(person.cap_usd) +
            ",\"key\":" + quote_json(person.key) + "}";
    first = false;
  }
  return json + "\n]}\n";
}

}  // namespace

std::string first_sign_in_secret(const identity::SignIn& sign_in, const std::string& data_dir) {
  const std::string file = data_dir + "/admin.sign-in";
  std::ifstream opened(file);
  if (!opened) return {};
  std::string secret;
  opened >> secret;
  if (sign_in.is_good_secret(secret)) return secret;
  ::unlink(file.c_str());
  return {};
}

Result<void> write_private_file(const std::string& file, std::string_view text) {
  const std::string unfinished = file + ".new";
  const auto failed = [&] {
    return Error{"cannot_write", "Cannot write " + file + ": " + std::strerror(errno) + ".",
                 Side::us};
  };
  ::unlink(unfinished.c_str());
  const int fd = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed();
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t some = ::write(fd, text.data() + written, text.size() - written);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) {
      const Error error = failed();
      ::close(fd);
      return error;
    }
    written += static_cast<std::size_t>(some);
  }
  if (::fsync(fd) != 0 || ::close(fd) != 0) return failed();
  if (std::rename(unfinished.c_str(), file.c_str()) != 0) return failed();
  return {};
}

Result<void> fill_empty_store(store::Store& store, identity::KeyRing& keys, Env& env,
                              const std::string& data_dir, bool demo) {
  if (identity::has_users(store)) return {};
  std::string admin_key, secret;
  if (demo) {
    const Result<identity::Demo> seeded = identity::seed_demo(store, keys, env);
    if (!seeded) return seeded.error();
    admin_key = seeded->admin_key;
    secret = seeded->admin_sign_in_secret;
    if (auto written = write_private_file(data_dir + "/demo.json", demo_json(*seeded)); !written)
      return written;
  } else {
    const auto admin = identity::prepare_workspace(store, keys, env, "Admin", "admin@example.com");
    if (!admin) return admin.error();
    admin_key = admin->key;
    secret = admin->sign_in_secret;
  }
  if (auto written = write_private_file(data_dir + "/admin.sign-in", secret + "\n"); !written)
    return written;
  return write_private_file(data_dir + "/admin.key", admin_key + "\n");
}

}  // namespace purser::main
