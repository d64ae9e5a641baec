// Connections that only read, lent to one thread at a time, each statement bounded in time.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connection.h"
#include "purser/base/env.h"

namespace purser::store {

class ReaderPool {
 public:
  ReaderPool(const std::string& file, std::size_t count, Duration limit, Env& env);
  // One snapshot for the whole body. Throws SqlError where no connection comes free within the
  // limit, or where the body's statements take longer than it.
  void read(const std::function<void(Sql&)>& body);

 private:
  class Loan;
  std::unique_ptr<Connection> take();
  void give_back(std::unique_ptr<Connection> connection);

  const Duration limit_;
  Env& env_;
  std::mutex mutex_;
  std::condition_variable came_free_;
  std::vector<std::unique_ptr<Connection>> free_;
};

}  // namespace purser::store
