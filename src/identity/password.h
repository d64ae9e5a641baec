// Passwords: what may be one, and what the store keeps of it.
//
// Argon2id with 64 MiB and 3 passes, the second recommended option of RFC 9106, section 4 (with one
// lane, since libsodium has no more; OWASP's Password Storage Cheat Sheet asks for at least 19 MiB
// and 2 passes). A tenth of a second on one core. The salt is libsodium's own, so that format and
// parameters come from one place.
#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "purser/base/result.h"
#include "purser/identity/sign_in.h"

namespace purser::identity {

// 12 to 1,024 bytes. Error: bad_password.
Result<void> check_password(std::string_view password);

// Bounds the memory: kPasswordsAtOnce at a time. Thread-safe. Error: busy.
class PasswordHasher {
 public:
  Result<std::string> hash(std::string_view password);
  // An empty `kept` (nobody has that password) takes as long as any other and is false.
  Result<bool> matches(std::string_view kept, std::string_view password);

 private:
  std::counting_semaphore<kPasswordsAtOnce> places_{kPasswordsAtOnce};
};

}  // namespace purser::identity
