#include "metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace purser::gateway {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, AHistogramIsCumulative) {
  static constexpr double kBounds[] = {1.0, 2.0};
  Histogram histogram(kBounds);
  for (const double value : {0.5, 1.5, 1.5, 9.0}) histogram.observe(value);
  std::string out;
  histogram.write(out, "x", "Help.");
  EXPECT_THAT(out, HasSubstr("# TYPE x histogram\n"));
  EXPECT_THAT(out, HasSubstr("x_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(out, HasSubstr("x_bucket{le=\"2\"} 3\n"));
  EXPECT_THAT(out, HasSubstr("x_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(out, HasSubstr("x_sum 12.5\nx_count 4\n"));
}

TEST(Metrics, ThoseOfTheIoThreadsAreAddedUp) {
  Metrics one, other, all;
  one.requests.add("status=\"200\"");
  other.requests.add("status=\"200\"", 2);
  one.hold_seconds.observe(0.0001);
  other.hold_seconds.observe(20);
  one.cost_nanos += 5;
  other.cost_nanos += 6;
  all.add(one);
  all.add(other);
  std::string out;
  all.requests.write(out, "requests", "Help.");
  all.hold_seconds.write(out, "hold", "Help.");
  EXPECT_THAT(out, HasSubstr("requests{status=\"200\"} 3\n"));
  EXPECT_THAT(out, HasSubstr("hold_bucket{le=\"0.00025\"} 1\n"));
  EXPECT_THAT(out, HasSubstr("hold_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_EQ(all.cost_nanos, 11);
}

TEST(Metrics, LabelsAreCountedApart) {
  LabelledCounter counter;
  counter.add("code=\"a\"");
  counter.add("code=\"b\"", 2);
  counter.add("code=\"a\"");
  std::string out;
  counter.write(out, "refused_total", "Help.");
  EXPECT_THAT(out, HasSubstr("refused_total{code=\"a\"} 2\nrefused_total{code=\"b\"} 2\n"));
}

TEST(Metrics, MoneyIsExact) {
  std::string out;
  write_usd_counter(out, "cost_usd_total", "Help.", Nanos{1'000'000'001});
  EXPECT_THAT(out, HasSubstr("cost_usd_total 1.000000001\n"));
}

}  // namespace
}  // namespace purser::gateway
