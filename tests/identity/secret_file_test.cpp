#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "purser/identity/key_ring.h"

namespace purser::identity {
namespace {

class SecretFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "purser_secret_XXXXXX").string();
    directory = mkdtemp(pattern.data());
    file = directory + "/secret.key";
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  ManualEnv env{Instant{}, 5};
  std::string directory, file;
};

TEST_F(SecretFile, IsMadeOnceForItsOwnerAlone) {
  const auto made = load_or_make_secret(file, env);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->size(), 32u);
  struct stat about {};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_EQ(*load_or_make_secret(file, env), *made);
}

TEST_F(SecretFile, ThatOthersCanReadIsRefused) {
  ASSERT_TRUE(load_or_make_secret(file, env));
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  EXPECT_EQ(load_or_make_secret(file, env).error().code, "wrong_mode");
}

TEST_F(SecretFile, OfAnotherLengthIsRefusedAndKept) {
  for (const std::size_t length : {0u, 31u, 33u}) {
    std::ofstream(file, std::ios::trunc) << std::string(length, 'x');
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    EXPECT_EQ(load_or_make_secret(file, env).error().code, "cannot_read") << length;
    EXPECT_EQ(std::filesystem::file_size(file), length);
  }
}

TEST_F(SecretFile, WhereThereIsNoDirectoryIsAnError) {
  EXPECT_EQ(load_or_make_secret(directory + "/none/secret.key", env).error().code, "cannot_read");
  EXPECT_EQ(load_or_make_secret(directory, env).error().code, "cannot_read");
}

}  // namespace
}  // namespace purser::identity
