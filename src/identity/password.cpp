#include "password.h"

#include <sodium.h>

#include <array>

namespace purser::identity {
namespace {

constexpr unsigned long long kPasses = 3;
constexpr std::size_t kMemoryBytes = 64u << 20;

// Of no password: a wrong user costs what a wrong password costs.
constexpr const char* kNobodys =
    "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

class Place {
 public:
  explicit Place(std::counting_semaphore<kPasswordsAtOnce>& places)
      : places_(places), got_(places.try_acquire()) {}
  ~Place() {
    if (got_) places_.release();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool got() const { return got_; }

 private:
  std::counting_semaphore<kPasswordsAtOnce>& places_;
  bool got_;
};

Error busy() {
  return Error{"busy", "Others are signing in at this moment; try again in a second.", Side::us};
}

Error no_memory() {
  return Error{"busy", "There is too little memory to check a password; try again in a while.",
               Side::us};
}

}  // namespace

Result<void> check_password(std::string_view password) {
  if (password.size() < kMinPasswordBytes) {
    return Error{"bad_password",
                 "A password has at least 12 characters; take a few words that do not belong "
                 "together, or let your browser make one."};
  }
  if (password.size() > kMaxPasswordBytes)
    return Error{"bad_password", "A password has at most 1,024 bytes: shorten it."};
  return {};
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
  const Place place(places_);
  if (!place.got()) return busy();
  std::array<char, crypto_pwhash_STRBYTES> kept{};
  if (crypto_pwhash_argon2id_str(kept.data(), password.data(), password.size(), kPasses,
                                 kMemoryBytes) != 0)
    return no_memory();
  return std::string(kept.data());
}

Result<bool> PasswordHasher::matches(std::string_view kept, std::string_view password) {
  const Place place(places_);
  if (!place.got()) return busy();
  const std::string text(kept.empty() ? std::string_view(kNobodys) : kept);
  const bool same =
      crypto_pwhash_argon2id_str_verify(text.c_str(), password.data(), password.size()) == 0;
  return same && !kept.empty();
}

}  // namespace purser::identity
