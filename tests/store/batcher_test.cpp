#include "batcher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace purser::store {
namespace {

using namespace std::chrono_literals;

constexpr auto kForEver = 1h;

// A batcher with a thread of its own that notes how large its batches are.
class Noted {
 public:
  explicit Noted(std::chrono::nanoseconds settle_linger)
      : batcher_(1000, settle_linger, true, [this](std::vector<QueuedCommand>& batch) {
          std::string names;
          for (const QueuedCommand& command : batch)
            names.push_back("rsc"[command.index()]);  // reserve, settle, change
          const std::scoped_lock lock(mutex_);
          batches_.push_back(names);
          came_.notify_all();
        }) {}

  void submit(QueuedCommand command) { EXPECT_TRUE(batcher_.submit(std::move(command))); }
  std::string batch(std::size_t index) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return batches_.size() > index; });
    return batches_[index];
  }
  void stop() { batcher_.stop(); }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> batches_;
  Batcher batcher_;
};

TEST(Batcher, ASettleSharesTheCommitOfTheNextHold) {
  Noted noted(kForEver);
  noted.submit(QueuedSettle{});
  noted.submit(QueuedReserve{});
  EXPECT_EQ(noted.batch(0), "sr");
}

TEST(Batcher, ASettleSharesTheCommitOfTheNextChange) {
  Noted noted(kForEver);
  noted.submit(QueuedSettle{});
  noted.submit(QueuedChange{});
  EXPECT_EQ(noted.batch(0), "sc");
}

TEST(Batcher, ASettleWithoutCompanyGoesByItself) {
  Noted noted(1ns);
  noted.submit(QueuedSettle{});
  EXPECT_EQ(noted.batch(0), "s");
  noted.submit(QueuedSettle{});
  EXPECT_EQ(noted.batch(1), "s");
}

TEST(Batcher, ManySettlesAreCompanyEnough) {
  Noted noted(kForEver);
  for (std::size_t i = 0; i < Batcher::kMostLingering; ++i) noted.submit(QueuedSettle{});
  EXPECT_EQ(noted.batch(0), std::string(Batcher::kMostLingering, 's'));
}

TEST(Batcher, AHoldDoesNotWait) {
  Noted noted(kForEver);
  noted.submit(QueuedReserve{});
  EXPECT_EQ(noted.batch(0), "r");
  noted.submit(QueuedSettle{});
  noted.submit(QueuedReserve{});
  EXPECT_EQ(noted.batch(1), "sr");
}

TEST(Batcher, TheEndWaitsForNothing) {
  Noted noted(kForEver);
  noted.submit(QueuedSettle{});
  noted.stop();
  EXPECT_EQ(noted.batch(0), "s");
}

}  // namespace
}  // namespace purser::store
