#include "sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace purser::bench {
namespace {

constexpr std::uint64_t kNanosASecond = 1'000'000'000;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void prepare(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (fcntl(socket, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
}

}  // namespace

void fail(std::string_view what) {
  std::fprintf(stderr, "bench: %.*s: %s\n", static_cast<int>(what.size()), what.data(),
               std::strerror(errno));
  std::exit(1);
}

std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * kNanosASecond +
         static_cast<std::uint64_t>(time.tv_nsec);
}

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 4096) != 0)
    fail("cannot listen");
  prepare(listener);
  return listener;
}

int port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

int accept_from(int listener) {
  const int accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (accepted < 0) {
    if (errno == EAGAIN || errno == ECONNABORTED) return -1;
    fail("accept");
  }
  prepare(accepted);
  return accepted;
}

int connect_to(int port) {
  const int connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(connected, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("cannot connect");
  prepare(connected);
  return connected;
}

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) fail("epoll");
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default lets a timer be 50 µs late
}

void Poller::add(int socket, void* owner, bool writes) {
  epoll_event event{};
  event.events = EPOLLIN | (writes ? EPOLLOUT : 0u);
  event.data.ptr = owner;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
}

void Poller::change(int socket, void* owner, bool writes) {
  epoll_event event{};
  event.events = EPOLLIN | (writes ? EPOLLOUT : 0u);
  event.data.ptr = owner;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0) fail("epoll_ctl");
}

int Poller::wait(epoll_event* events, int most, std::uint64_t until_ns) {
  timespec left{};
  if (until_ns != 0) {
    const std::uint64_t now = now_ns();
    const std::uint64_t span = until_ns > now ? until_ns - now : 0;
    left.tv_sec = static_cast<time_t>(span / kNanosASecond);
    left.tv_nsec = static_cast<long>(span % kNanosASecond);
  }
  const int found = epoll_pwait2(epoll_, events, most, until_ns == 0 ? nullptr : &left, nullptr);
  if (found < 0 && errno != EINTR) fail("epoll_pwait2");
  return std::max(found, 0);
}

}  // namespace purser::bench
