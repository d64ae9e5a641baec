// Non-blocking sockets on loopback and the clock, for the bench's own two ends. Linux only; what
// fails ends the program with a sentence, since a bench that limps measures nothing.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <string_view>

namespace purser::bench {

[[noreturn]] void fail(std::string_view what);

std::uint64_t now_ns();  // monotonic

// Port 0 takes a free one; `port_of` says which.
int listen_on(int port);
int port_of(int socket);
int accept_from(int listener);  // -1: nobody waits
int connect_to(int port);

class Poller {
 public:
  Poller();
  void add(int socket, void* owner, bool writes = false);
  void change(int socket, void* owner, bool writes);
  // Waits until something happens or `until_ns` has come; 0 waits for ever. The number of events.
  int wait(epoll_event* events, int most, std::uint64_t until_ns);

 private:
  int epoll_;
};

}  // namespace purser::bench
