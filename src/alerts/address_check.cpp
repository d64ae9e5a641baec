#include "address_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace purser::alerts {

namespace {

struct Block4 {
  std::uint32_t address;
  int bits;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

constexpr std::array kRefused4 = {
    Block4{ipv4(0, 0, 0, 0), 8},         // "this network"; 0.0.0.0 reaches the own machine
    Block4{ipv4(10, 0, 0, 0), 8},        // private
    Block4{ipv4(100, 64, 0, 0), 10},     // shared by carriers; 100.100.100.200 is metadata
    Block4{ipv4(127, 0, 0, 0), 8},       // loopback
    Block4{ipv4(168, 63, 129, 16), 32},  // Azure's host: public by its number, local by its route
    Block4{ipv4(169, 254, 0, 0), 16},    // link-local; 169.254.169.254 is metadata
    Block4{ipv4(172, 16, 0, 0), 12},     // private
    Block4{ipv4(192, 0, 0, 0), 24},      // protocol assignments; 192.0.0.192 is metadata
    Block4{ipv4(192, 0, 2, 0), 24},      // documentation
    Block4{ipv4(192, 31, 196, 0), 24},   // AS112
    Block4{ipv4(192, 52, 193, 0), 24},   // AMT
    Block4{ipv4(192, 88, 99, 0), 24},    // 6to4 relays
    Block4{ipv4(192, 168, 0, 0), 16},    // private
    Block4{ipv4(192, 175, 48, 0), 24},   // AS112
    Block4{ipv4(198, 18, 0, 0), 15},     // benchmarks
    Block4{ipv4(198, 51, 100, 0), 24},   // documentation
    Block4{ipv4(203, 0, 113, 0), 24},    // documentation
    Block4{ipv4(224, 0, 0, 0), 4},       // multicast
    Block4{ipv4(240, 0, 0, 0), 4},       // reserved, broadcast
};

bool is_public(std::uint32_t address) {
  return std::ranges::none_of(kRefused4, [&](const Block4& block) {
    return (address >> (32 - block.bits)) == (block.address >> (32 - block.bits));
  });
}

using Bytes6 = std::array<std::uint8_t, 16>;

bool begins(const Bytes6& address, std::span<const std::uint8_t> prefix, std::size_t bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(address.data(), prefix.data(), whole) != 0) return false;
  const std::size_t rest = bits % 8;
  return rest == 0 || ((address[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

struct Block6 {
  std::array<std::uint8_t, 6> prefix;
  std::size_t bits;
};

// Within 2000::/3, which alone is public unicast.
constexpr std::array kRefused6 = {
    Block6{{0x20, 0x01, 0x00}, 23},        // protocol assignments, Teredo and ORCHID among them
    Block6{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Block6{{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},  // AS112
    Block6{{0x3f, 0xff, 0x00}, 20},                    // documentation
};

std::uint32_t ipv4_at(const Bytes6& address, std::size_t place) {
  return ipv4(address[place], address[place + 1], address[place + 2], address[place + 3]);
}

bool is_public(const Bytes6& address) {
  // NAT64's well-known prefix stands for the IPv4 address at its end. Mapped and compatible
  // addresses never need to be connected to: they stay outside 2000::/3.
  constexpr std::array<std::uint8_t, 12> nat64 = {0, 0x64, 0xff, 0x9b};
  if (begins(address, nat64, 96)) return is_public(ipv4_at(address, 12));
  if ((address[0] >> 5) != 1) return false;
  if (address[0] == 0x20 && address[1] == 0x02) return is_public(ipv4_at(address, 2));  // 6to4
  return std::ranges::none_of(
      kRefused6, [&](const Block6& block) { return begins(address, block.prefix, block.bits); });
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in exact;
    std::memcpy(&exact, &address, sizeof exact);
    return is_public(ntohl(exact.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 exact;
    std::memcpy(&exact, &address, sizeof exact);
    Bytes6 bytes;
    std::memcpy(bytes.data(), &exact.sin6_addr, bytes.size());
    return is_public(bytes);
  }
  return false;
}

std::string address_text(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    sockaddr_in exact;
    std::memcpy(&exact, &address, sizeof exact);
    inet_ntop(AF_INET, &exact.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 exact;
    std::memcpy(&exact, &address, sizeof exact);
    inet_ntop(AF_INET6, &exact.sin6_addr, text, sizeof text);
  }
  return text;
}

}  // namespace purser::alerts
