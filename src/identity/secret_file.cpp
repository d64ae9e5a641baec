#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "purser/identity/key_ring.h"

namespace purser::identity {
namespace {

constexpr std::size_t kSecretBytes = 32;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Error cannot_read(const std::string& file, const std::string& why) {
  return Error{"cannot_read", "Cannot use the secret in " + file + ": " + why + ".", Side::us};
}

Result<std::string> read_secret(const File& opened, const std::string& file) {
  struct stat about {};
  if (::fstat(opened.get(), &about) != 0) return cannot_read(file, std::strerror(errno));
  if (!S_ISREG(about.st_mode)) return cannot_read(file, "it is not a file");
  if ((about.st_mode & 077) != 0) {
    return Error{"wrong_mode",
                 "Others can read the secret in " + file + ": run chmod 600 " + file +
                     ", and if others have used this machine, make new keys.",
                 Side::us};
  }
  std::array<char, kSecretBytes + 1> bytes{};
  const auto length = ::read(opened.get(), bytes.data(), bytes.size());
  if (length != static_cast<ssize_t>(kSecretBytes)) {
    return cannot_read(file,
                       "it does not hold 32 bytes; restore it from where you keep it, since every "
                       "key depends on it");
  }
  return std::string(bytes.data(), kSecretBytes);
}

// Made under another name and renamed, so that a crash leaves a whole secret or none.
Result<std::string> make_secret(const std::string& file, Env& env) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  env.random_bytes(bytes);
  const std::string fresh = file + ".new";
  ::unlink(fresh.c_str());
  {
    const File made(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (made.get() < 0) return cannot_read(fresh, std::strerror(errno));
    if (::write(made.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fsync(made.get()) != 0)
      return cannot_read(fresh, std::strerror(errno));
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) return cannot_read(file, std::strerror(errno));
  const auto slash = file.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0)
    return cannot_read(folder, std::strerror(errno));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

Result<std::string> load_or_make_secret(const std::string& file, Env& env) {
  const File opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() >= 0) return read_secret(opened, file);
  if (errno != ENOENT) return cannot_read(file, std::strerror(errno));
  return make_secret(file, env);
}

}  // namespace purser::identity
