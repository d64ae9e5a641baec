// Which addresses a channel may connect to where `allow_private` is not set. It is asked at connect
// time, of the very address that the socket is then connected to, so a name that resolves to one
// address when it is configured and to another when it is used (DNS rebinding) gains nothing.
//
// Refused is what is not public unicast, as IANA's special-purpose registries list it: loopback,
// private, shared (CGNAT), link-local and with it the clouds' metadata, multicast, reserved,
// unspecified; and every IPv6 form that carries an IPv4 address (mapped, compatible, NAT64, 6to4,
// Teredo) is judged by that address or refused.
// Source: https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry, as of 2026-11.
#pragma once

#include <sys/socket.h>

#include <string>

namespace purser::alerts {

// An address of any family but IPv4 and IPv6 is not public.
bool is_public_address(const sockaddr& address);

// "10.0.0.1", for sentences.
std::string address_text(const sockaddr& address);

}  // namespace purser::alerts
