#include "address_check.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <stdexcept>

namespace purser::alerts {
namespace {

sockaddr_storage address_of(const std::string& text) {
  sockaddr_storage storage{};
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    std::memcpy(&storage, &four, sizeof four);
  } else if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    std::memcpy(&storage, &six, sizeof six);
  } else {
    throw std::invalid_argument(text);
  }
  return storage;
}

bool is_public(const std::string& text) {
  const sockaddr_storage storage = address_of(text);
  return is_public_address(reinterpret_cast<const sockaddr&>(storage));
}

// The first and the last address of each block, since an error of one bit shows at its edges.
TEST(AddressCheck, WhatIsNotPublicIsRefused) {
  for (const char* text :
       {"0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",
        "100.64.0.0",      "100.127.255.255", "100.100.100.200", "127.0.0.0",
        "127.0.0.1",       "127.255.255.255", "168.63.129.16",   "169.254.0.0",
        "169.254.169.254", "169.254.255.255", "172.16.0.0",      "172.31.255.255",
        "192.0.0.0",       "192.0.0.192",     "192.0.0.255",     "192.0.2.1",
        "192.31.196.1",    "192.52.193.1",    "192.88.99.1",     "192.168.0.0",
        "192.168.255.255", "192.175.48.1",    "198.18.0.0",      "198.19.255.255",
        "198.51.100.1",    "203.0.113.1",     "224.0.0.0",       "239.255.255.255",
        "240.0.0.0",       "255.255.255.255"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
  for (const char* text : {"::",
                           "::1",
                           "::7f00:1",
                           "::8.8.8.8",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "::ffff:0:8.8.8.8",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::169.254.169.254",
                           "64:ff9b:1::8.8.8.8",
                           "100::1",
                           "2001::1",
                           "2001:0:808:808::1",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:20::1",
                           "2001:1ff:ffff::1",
                           "2001:db8::1",
                           "2001:db8:ffff::1",
                           "2002:7f00:1::1",
                           "2002:a00:1::1",
                           "2002:a9fe:a9fe::1",
                           "2002:c0a8:1::1",
                           "2620:4f:8000::1",
                           "3fff::1",
                           "3fff:fff:ffff::1",
                           "4000::1",
                           "5f00::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff00::1",
                           "ff02::1",
                           "ffff::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(AddressCheck, WhatIsPublicPasses) {
  for (const char* text : {"1.0.0.0",
                           "9.255.255.255",
                           "11.0.0.0",
                           "8.8.8.8",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.0",
                           "168.63.129.15",
                           "168.63.129.17",
                           "169.253.255.255",
                           "169.255.0.0",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.0.1.0",
                           "192.0.3.0",
                           "192.167.255.255",
                           "192.169.0.0",
                           "198.17.255.255",
                           "198.20.0.0",
                           "198.51.101.0",
                           "203.0.114.0",
                           "223.255.255.255",
                           "2001:200::1",
                           "2001:4860:4860::8888",
                           "2001:db7::1",
                           "2001:db9::1",
                           "2002:808:808::1",
                           "2003::1",
                           "2606:4700::1111",
                           "2620:4f:8001::1",
                           "2a00::1",
                           "3ffe::1",
                           "3fff:1000::1",
                           "64:ff9b::8.8.8.8"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

TEST(AddressCheck, OtherFamiliesAreNotPublic) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_FALSE(is_public_address(address));
  EXPECT_EQ(address_text(address), "");
}

TEST(AddressCheck, AnAddressIsWrittenAsPeopleDo) {
  for (const char* text : {"10.0.0.1", "fe80::1"}) {
    const sockaddr_storage storage = address_of(text);
    EXPECT_EQ(address_text(reinterpret_cast<const sockaddr&>(storage)), text);
  }
}

}  // namespace
}  // namespace purser::alerts
