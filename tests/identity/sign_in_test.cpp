#include "purser/identity/sign_in.h"

#include <fstream>
#include <thread>

#include "identity_test_support.h"
#include "password.h"

namespace purser::identity {
namespace {

constexpr std::string_view kPassword = "correct horse battery";
constexpr std::string_view kAda = "ada@example.com";
constexpr std::string_view kHome = "192.0.2.1";

class SignInTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    seed();
    sign_in = std::make_unique<SignIn>(*store, *ring, env);
  }
  void TearDown() override {
    sign_in.reset();
    IdentityTest::TearDown();
  }
  std::string secret_for(std::string_view email) {
    std::string text;
    const Id user = user_id(email);
    EXPECT_EQ(change([&](store::Change& c) -> Result<void> {
                auto made = create_sign_in_secret(c, *ring, env, user, by);
                if (!made) return made.error();
                text = made->text;
                return {};
              }),
              "");
    return text;
  }
  std::string code(const Result<MadeSession>& made) { return made ? "" : made.error().code; }
  std::string session_by_password(std::string_view email = kAda) {
    auto made = sign_in->with_password(email, kPassword, kHome);
    EXPECT_TRUE(made) << made.error().message;
    return made ? made->text : "";
  }
  bool is_good(std::string_view session) { return sign_in->resolve(session).ok(); }
  void set_password(std::string_view email = kAda) {
    EXPECT_EQ(code(sign_in->with_secret(secret_for(email), kPassword)), "");
  }
  std::size_t count_in_audit(std::string_view what) {
    const std::string all = all_audit();
    std::size_t count = 0;
    for (auto at = all.find(what); at != std::string::npos; at = all.find(what, at + 1)) ++count;
    return count;
  }

  std::unique_ptr<SignIn> sign_in;
};

TEST_F(SignInTest, TheFirstAdminsSecretSetsAPasswordAndSignsIn) {
  const auto made = sign_in->with_secret(demo.admin_sign_in_secret, kPassword);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->who->user_email, kAda);
  EXPECT_EQ(made->who->role, Role::admin);
  EXPECT_EQ(made->who->key_kind, KeyKind::manage);
  EXPECT_TRUE(made->who->key.is_zero());
  EXPECT_TRUE(is_good(made->text));
  EXPECT_TRUE(is_good(session_by_password()));
  EXPECT_TRUE(is_good(session_by_password("ADA@Example.com")));
}

TEST_F(SignInTest, ASecretIsGoodOnce) {
  EXPECT_FALSE(sign_in->is_good_secret("psi_nonsense"));
  EXPECT_TRUE(sign_in->is_good_secret(demo.admin_sign_in_secret));
  EXPECT_EQ(code(sign_in->with_secret(demo.admin_sign_in_secret, kPassword)), "");
  const auto again = sign_in->with_secret(demo.admin_sign_in_secret, "another password");
  EXPECT_EQ(code(again), "wrong_secret");
  EXPECT_THAT(again.error().message, ::testing::HasSubstr("used already"));
  EXPECT_FALSE(sign_in->is_good_secret(demo.admin_sign_in_secret));
  session_by_password();  // the first password holds
}

TEST_F(SignInTest, OfTwoWhoUseASecretAtOnceOneSignsIn) {
  std::vector<std::string> codes(2);
  {
    std::jthread other([&] {
      codes[0] = code(sign_in->with_secret(demo.admin_sign_in_secret, "the first password"));
    });
    codes[1] = code(sign_in->with_secret(demo.admin_sign_in_secret, "the second password"));
  }
  EXPECT_THAT(codes, ::testing::UnorderedElementsAre("", "wrong_secret"));
}

TEST_F(SignInTest, ASecretIsGoodForADay) {
  env.advance(kSignInSecretLifetime);
  const auto late = sign_in->with_secret(demo.admin_sign_in_secret, kPassword);
  EXPECT_EQ(code(late), "wrong_secret");
  EXPECT_THAT(late.error().message, ::testing::HasSubstr("24 hours"));
}

TEST_F(SignInTest, ANewerSecretTakesTheOldOnesPlace) {
  const std::string newer = secret_for(kAda);
  EXPECT_EQ(code(sign_in->with_secret(demo.admin_sign_in_secret, kPassword)), "wrong_secret");
  EXPECT_EQ(code(sign_in->with_secret(newer, kPassword)), "");
}

TEST_F(SignInTest, ASecretIsForActivePersons) {
  const auto make = [&](const Id& user) {
    return change([&](store::Change& c) -> Result<void> {
      auto made = create_sign_in_secret(c, *ring, env, user, by);
      if (!made) return made.error();
      return {};
    });
  };
  EXPECT_EQ(make(user_id("support-bot")), "services_do_not_sign_in");
  EXPECT_EQ(make(Id{}), "unknown_user");
  const std::string secret = secret_for("mia@example.com");
  const Id mia = user_id("mia@example.com");
  ASSERT_EQ(change([&](store::Change& c) { return deactivate_user(c, mia, by); }), "");
  EXPECT_EQ(make(user_id("mia@example.com")), "deactivated_user");
  EXPECT_EQ(code(sign_in->with_secret(secret, kPassword)), "wrong_secret");
}

TEST_F(SignInTest, PasswordsHaveALengthThatIsSaid) {
  const std::string longest(kMaxPasswordBytes, 'p');
  EXPECT_EQ(code(sign_in->with_secret(demo.admin_sign_in_secret, "elevenbytes")), "bad_password");
  EXPECT_EQ(code(sign_in->with_secret(demo.admin_sign_in_secret, longest + "p")), "bad_password");
  ASSERT_EQ(code(sign_in->with_secret(demo.admin_sign_in_secret, longest)), "");
  EXPECT_EQ(code(sign_in->with_password(kAda, longest, kHome)), "");
  EXPECT_EQ(code(sign_in->with_password(kAda, longest + "p", kHome)), "wrong_sign_in");
}

TEST_F(SignInTest, AnUnknownUserAndAWrongPasswordGetTheSameAnswer) {
  set_password();
  const auto wrong = sign_in->with_password(kAda, "a wrong password", kHome);
  for (const std::string_view who : {"nobody@example.com", "support-bot", "sam@example.com", ""}) {
    const auto answer = sign_in->with_password(who, kPassword, kHome);
    ASSERT_EQ(code(answer), "wrong_sign_in") << who;
    EXPECT_EQ(answer.error().message, wrong.error().message);
  }
}

TEST_F(SignInTest, ASessionEndsAfterTwelveHours) {
  set_password();
  const std::string session = session_by_password();
  env.advance(kSessionLifetime - std::chrono::seconds(1));
  EXPECT_TRUE(is_good(session));
  env.advance(std::chrono::seconds(1));
  EXPECT_FALSE(is_good(session));
}

TEST_F(SignInTest, ASessionEndsWithItsReasons) {
  set_password("mia@example.com");
  const auto fresh = [&] { return session_by_password("mia@example.com"); };
  const std::string other = fresh();
  std::string session = fresh();
  ASSERT_TRUE(sign_in->sign_out(session));
  EXPECT_FALSE(is_good(session));
  EXPECT_TRUE(is_good(other));
  ASSERT_TRUE(sign_in->sign_out(session));  // once more is nothing

  session = fresh();
  set_password("mia@example.com");
  EXPECT_FALSE(is_good(session));
  EXPECT_FALSE(is_good(other));

  session = fresh();
  const Id mia = user_id("mia@example.com");
  ASSERT_EQ(change([&](store::Change& c) { return deactivate_user(c, mia, by); }), "");
  EXPECT_FALSE(is_good(session));
  EXPECT_EQ(code(sign_in->with_password("mia@example.com", kPassword, kHome)), "wrong_sign_in");
  ASSERT_EQ(change([&](store::Change& c) { return reactivate_user(c, mia, by); }), "");
  EXPECT_FALSE(is_good(session));
  EXPECT_TRUE(is_good(fresh()));
}

TEST_F(SignInTest, AUserHasThirtySessionsAtMost) {
  std::vector<std::string> sessions(kMaxSessionsOfUser);
  set_password();  // which makes a session, too
  env.advance(std::chrono::seconds(1));
  for (std::size_t i = 0; i < kMaxSessionsOfUser; ++i) {
    sessions[i] = session_by_password();
    env.advance(std::chrono::seconds(1));
    EXPECT_TRUE(is_good(sessions[i])) << i;
  }
  EXPECT_TRUE(is_good(sessions[0]));
  session_by_password();
  EXPECT_FALSE(is_good(sessions[0]));
  EXPECT_TRUE(is_good(sessions[1]));
}

TEST_F(SignInTest, ARoleThatChangedHoldsAtOnce) {
  set_password("sam@example.com");
  const std::string session = session_by_password("sam@example.com");
  UserUpdate update;
  update.role = Role::finance;
  const Id sam = user_id("sam@example.com");
  ASSERT_EQ(change([&](store::Change& c) { return update_user(c, sam, update, by); }), "");
  EXPECT_EQ((*sign_in->resolve(session))->role, Role::finance);
}

TEST_F(SignInTest, GuessingIsSlowedAndARightPasswordGetsInAfterAWhile) {
  set_password();
  for (int i = 0; i < kFailuresOfUserHere; ++i)
    EXPECT_EQ(code(sign_in->with_password(kAda, "a wrong password", kHome)), "wrong_sign_in");
  EXPECT_EQ(code(sign_in->with_password(kAda, kPassword, kHome)), "too_many_attempts");
  EXPECT_EQ(count_in_audit("sign_in.refused user/ada@example.com"), 1u);
  EXPECT_EQ(code(sign_in->with_password(kAda, kPassword, kHome)), "too_many_attempts");
  EXPECT_EQ(count_in_audit("sign_in.refused user/ada@example.com"), 1u);
  EXPECT_EQ(code(sign_in->with_password(kAda, kPassword, "198.51.100.7")), "");
  EXPECT_EQ(code(sign_in->with_secret(secret_for(kAda), kPassword)), "");
  env.advance(kFailureRefillOfUser);
  EXPECT_EQ(code(sign_in->with_password(kAda, kPassword, kHome)), "");
}

TEST_F(SignInTest, EverythingIsOnRecordWithoutItsSecrets) {
  const std::string secret = secret_for(kAda);
  const auto first = sign_in->with_secret(secret, kPassword);
  ASSERT_TRUE(first);
  const auto second = sign_in->change_password(*first->who, kPassword, "another password", kHome);
  ASSERT_TRUE(second);
  ASSERT_TRUE(sign_in->sign_out(second->text));
  for (const char* action :
       {"sign_in_secret.create", "sign_in_secret.use", "password.set", "sign_in ", "sign_out"})
    EXPECT_GE(count_in_audit(std::string(action)), 1u) << action;
  EXPECT_EQ(count_in_audit("password.set"), 2u);
  sign_in.reset();
  ring.reset();
  store.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    for (const std::string_view text :
         {std::string_view(secret), std::string_view(first->text), std::string_view(second->text),
          kPassword, std::string_view("another password")})
      EXPECT_EQ(bytes.find(text), std::string::npos) << entry.path();
  }
}

TEST(PasswordHasher, KeepsWhatArgon2idMakesWithItsParameters) {
  PasswordHasher hasher;
  const auto kept = hasher.hash(kPassword);
  ASSERT_TRUE(kept);
  EXPECT_THAT(*kept, ::testing::StartsWith("$argon2id$v=19$m=65536,t=3,p=1$"));
  EXPECT_TRUE(*hasher.matches(*kept, kPassword));
  EXPECT_FALSE(*hasher.matches(*kept, "correct horse batterx"));
  EXPECT_FALSE(*hasher.matches("", kPassword));
  EXPECT_FALSE(*hasher.matches("nonsense", kPassword));
}

TEST(PasswordHasher, ChecksTwoAtOnce) {
  PasswordHasher hasher;
  std::atomic<int> busy = 0, done = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        const auto matches = hasher.matches("", kPassword);
        ++(matches ? done : busy);
        if (!matches) {
          EXPECT_EQ(matches.error().code, "busy");
        }
      });
    }
  }
  EXPECT_GE(done, kPasswordsAtOnce);
  EXPECT_GE(busy, 1);
  EXPECT_TRUE(hasher.matches("", kPassword).ok());  // the places are free again
}

}  // namespace
}  // namespace purser::identity
